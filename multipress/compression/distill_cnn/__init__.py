"""Step cnn<width>: a convolutional network, distilled."""
