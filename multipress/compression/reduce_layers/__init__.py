"""Step l<n>: fewer encoder layers."""
