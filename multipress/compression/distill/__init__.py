"""Step kd: knowledge distillation on logits."""
