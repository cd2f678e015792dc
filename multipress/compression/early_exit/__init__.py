"""Step ee: exits after the layers of a trained model."""
