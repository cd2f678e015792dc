"""What jobs ask of a cluster, and what it answers."""
