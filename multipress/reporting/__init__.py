"""Figures and pages of tables."""
