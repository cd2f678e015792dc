"""What stored predictions say below the mean: how sure a difference of scores is, and what changes row by row."""
