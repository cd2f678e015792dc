"""Step x<percent>: heads and neurons that fit into a time."""
