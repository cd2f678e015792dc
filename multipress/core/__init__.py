"""Errors, files, settings, tensors and CSV tables: what every room stands on."""
