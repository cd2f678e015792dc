"""The objective of knowledge distillation on logits: a teacher's answers beside the labels."""

import torch

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.core.errors import UserError
from multipress.training.batches import Batch
from multipress.training.imitation import logits_distances
from multipress.training.objectives import Losses, Objective, task_losses


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
        imitation = logits_distances(logits, batch.teacher_logits, kind, settings.temperature)
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
