"""From a source of rows to token files."""
