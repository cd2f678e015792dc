"""How far a student's logits are from its teacher's (Hinton et al. 2015; Ba and Caruana 2014 for regression)."""

import torch
from torch.nn import functional


def logits_distance(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """The distance of student and teacher logits, both of shape (rows, outputs): the mean over rows.

    Classification: Kullback-Leibler divergence from the student's to the teacher's softened distribution, multiplied by
    the squared temperature, which keeps gradients on the scale of the task loss. Regression: mean squared error.
    """
    return logits_distances(logits, teacher, kind, temperature).mean()


def logits_distances(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """As ``logits_distance``, for each row: of shape (rows,)."""
    if kind == "regression":
        return functional.mse_loss(logits, teacher, reduction="none").mean(dim=-1)
    student_log = functional.log_softmax(logits / temperature, dim=-1)
    teacher_log = functional.log_softmax(teacher / temperature, dim=-1)
    divergence = functional.kl_div(student_log, teacher_log, reduction="none", log_target=True).sum(dim=-1)
    return divergence * temperature**2
