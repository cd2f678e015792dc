"""Step int<bits>: quantization-aware training."""
