"""How far a student's logits are from its teacher's (Hinton et al. 2015; Ba and Caruana 2014 for regression)."""

import torch
from torch.nn import functional


def logits_distance(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """The distance of student and teacher logits, both of shape (rows, outputs).

    Classification: Kullback-Leibler divergence from the student's to the teacher's softened distribution, averaged
    over rows and multiplied by the squared temperature, which keeps gradients on the scale of the task loss.
    Regression: mean squared error.
    """
    if kind == "regression":
        return functional.mse_loss(logits, teacher)
    student_log = functional.log_softmax(logits / temperature, dim=-1)
    teacher_log = functional.log_softmax(teacher / temperature, dim=-1)
    return functional.kl_div(student_log, teacher_log, reduction="batchmean", log_target=True) * temperature**2
