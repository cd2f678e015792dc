"""Step ter: ternary weights."""
