"""Rows of the tasks: where they come from, how they are checked, augmented and tokenized."""
