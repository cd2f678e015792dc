"""Numbers of multipress against independent implementations: a library's, or the formula written out."""
