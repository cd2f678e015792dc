"""Resources that jobs request of a cluster, and its answers."""
