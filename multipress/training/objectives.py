"""The task loss: what a model is trained for without a teacher."""

from collections.abc import Callable

import torch
from torch.nn import functional

from multipress.training.batches import Batch
from multipress.training.micro_batches import Losses

Objective = Callable[[torch.nn.Module, Batch], Losses]


def task_loss(logits: torch.Tensor, labels: torch.Tensor, kind: str) -> torch.Tensor:
    """Cross-entropy, or mean squared error for regression; the mean over rows.

    ``logits`` has shape (rows, outputs), ``labels`` (rows,): label ids or values.
    """
    return task_losses(logits, labels, kind).mean()


def task_losses(logits: torch.Tensor, labels: torch.Tensor, kind: str) -> torch.Tensor:
    """As ``task_loss``, for each row: of shape (rows,)."""
    if kind == "regression":
        return functional.mse_loss(logits.squeeze(-1), labels, reduction="none")
    return functional.cross_entropy(logits, labels.long(), reduction="none")


def task_objective(kind: str) -> Objective:
    """The objective of recipe ft and its descendants."""

    def objective(model: torch.nn.Module, batch: Batch) -> Losses:
        loss = task_loss(model(**batch.inputs), batch.labels, kind)
        return {"loss": loss, "task_loss": loss}

    return objective
