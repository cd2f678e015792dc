"""Step fkd: knowledge distillation on features."""
