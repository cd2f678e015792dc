"""Recipes and their steps: one folder for each method."""
