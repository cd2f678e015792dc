"""What compression does to representations: hidden states, attention and their complexity, against the dense parent."""
