"""The training loop, its optimizer, its batches, and the states from which it goes on."""
