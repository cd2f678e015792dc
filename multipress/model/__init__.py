"""BERT, its shapes, its checkpoints, and the encoders that it starts from."""
