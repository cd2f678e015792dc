"""Sections of the configuration that say which rows there are and how they become tokens."""
