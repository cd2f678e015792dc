"""Scores, sizes and latencies of models, and the tables that collect them."""
