"""Step r<percent>: low-rank factors of the encoder's matrices."""
