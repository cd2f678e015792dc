"""Step s<groups>: encoder layers that share their weights."""
