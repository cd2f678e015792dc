"""Step ptq<bits>: post-training quantization."""
