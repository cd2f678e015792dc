"""Step c<percent>: heads and neurons that learned gates close."""
