"""One thin command-line script for each rule of the workflow."""
