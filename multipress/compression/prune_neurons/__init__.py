"""Step f<percent>: fewer neurons in the feed-forward blocks."""
