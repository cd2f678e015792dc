"""How long models take."""
