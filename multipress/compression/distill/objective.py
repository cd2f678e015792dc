"""Knowledge distillation on logits (Hinton et al. 2015; Ba and Caruana 2014 for regression)."""

import torch
from torch.nn import functional

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.core.errors import UserError
from multipress.training.batches import Batch
from multipress.training.objectives import Losses, Objective, task_loss


def distillation_loss(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
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


def distillation_objective(kind: str, settings: DistillationSettings) -> Objective:
    """``task_weight`` parts of the task loss, the rest distillation loss: the objective of kd and its descendants."""

    def objective(model: torch.nn.Module, batch: Batch) -> Losses:
        logits = model(**batch.inputs)
        if batch.teacher_logits is None:
            raise UserError("distillation needs the teacher's logits on the training rows: name --teacher-logits")
        if batch.teacher_logits.shape != logits.shape:
            raise UserError(
                "the teacher's logits do not fit this task's outputs: delete them and rerun label_with_teacher"
            )
        task = task_loss(logits, batch.labels, kind)
        imitation = distillation_loss(logits, batch.teacher_logits, kind, settings.temperature)
        loss = settings.task_weight * task + (1 - settings.task_weight) * imitation
        return {"loss": loss, "task_loss": task, "distillation_loss": imitation}

    return objective
