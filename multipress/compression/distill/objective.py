"""Knowledge distillation on logits (Hinton et al. 2015; Ba and Caruana 2014 for regression)."""

import torch
from torch.nn import functional

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.core.errors import UserError
from multipress.training.batches import Batch
from multipress.training.objectives import Losses, Objective, task_losses


def distillation_loss(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """The distance of student and teacher logits, both of shape (rows, outputs): the mean over rows.

    Classification: Kullback-Leibler divergence from the student's to the teacher's softened distribution, multiplied by
    the squared temperature, which keeps gradients on the scale of the task loss. Regression: mean squared error.
    """
    return distillation_losses(logits, teacher, kind, temperature).mean()


def distillation_losses(logits: torch.Tensor, teacher: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """As ``distillation_loss``, for each row: of shape (rows,)."""
    if kind == "regression":
        return functional.mse_loss(logits, teacher, reduction="none").mean(dim=-1)
    student_log = functional.log_softmax(logits / temperature, dim=-1)
    teacher_log = functional.log_softmax(teacher / temperature, dim=-1)
    divergence = functional.kl_div(student_log, teacher_log, reduction="none", log_target=True).sum(dim=-1)
    return divergence * temperature**2


def distillation_objective(kind: str, settings: DistillationSettings) -> Objective:
    """``task_weight`` parts of the task loss, the rest distillation loss: the objective of kd and its descendants.

    Augmented copies have a weight of their own: a synonym may have changed what the label says.
    """

    def objective(model: torch.nn.Module, batch: Batch) -> Losses:
        logits = model(**batch.inputs)
        if batch.teacher_logits is None:
            raise UserError("distillation needs the teacher's logits on the training rows: name --teacher-logits")
        if batch.teacher_logits.shape != logits.shape:
            raise UserError(
                "the teacher's logits do not fit this task's outputs: delete them and rerun label_with_teacher"
            )
        task = task_losses(logits, batch.labels, kind)
        imitation = distillation_losses(logits, batch.teacher_logits, kind, settings.temperature)
        weight = _task_weights(batch, settings)
        loss = weight * task + (1 - weight) * imitation
        return {"loss": loss.mean(), "task_loss": task.mean(), "distillation_loss": imitation.mean()}

    return objective


def _task_weights(batch: Batch, settings: DistillationSettings) -> torch.Tensor | float:
    """Of each row; one for all where there are no copies."""
    if batch.is_copy is None:
        return settings.task_weight
    weights = batch.labels.new_tensor([settings.task_weight, settings.task_weight_augmented])
    return weights[batch.is_copy.long()]
