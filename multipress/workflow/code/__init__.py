"""What the code of a job means."""
