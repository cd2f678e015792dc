"""What compression does inside of models: what their layers represent, beside what they answer."""
