"""Step ft: fine-tuning with the task loss."""
