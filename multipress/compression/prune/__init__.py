"""Step mp<percent>: magnitude pruning."""
