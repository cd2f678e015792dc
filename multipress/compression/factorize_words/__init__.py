"""Step er<rank>: low-rank factors of the word table."""
