"""Step h<percent>: fewer attention heads."""
