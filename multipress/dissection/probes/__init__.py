"""Probes: what a linear model can still read out of each layer of a compressed model."""
