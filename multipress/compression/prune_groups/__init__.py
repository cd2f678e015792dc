"""Step nm24: two of each four weights."""
