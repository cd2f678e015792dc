"""Step bin: binary weights."""
