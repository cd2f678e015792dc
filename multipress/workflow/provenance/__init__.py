"""Which bytes, which settings and which code made a result, and whether that is what lies on the disk."""
