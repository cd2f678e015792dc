"""Several trainings of one model with different seeds: which is kept, and what is said of the others."""

from collections.abc import Sequence
from typing import Any

from multipress.training.loop import Training

FAILED = 0.5
"""A try has failed that lowered its loss by less than this part of what the best one did."""


def best(trainings: Sequence[Training]) -> int:
    """The number of the training with the lowest loss in its last epoch, from 0; the first of equal ones.

    The dev set is not asked: a model chosen by it would score too high on it.
    """
    return min(range(len(trainings)), key=lambda number: trainings[number].history.last_epoch_loss)


def summary(trainings: Sequence[Training]) -> dict[str, Any]:
    """For training.json: of each try the loss of its last epoch and its wall seconds; and which was kept, from 0."""
    tries = [{"loss": each.history.last_epoch_loss, "seconds": round(each.seconds, 2)} for each in trainings]
    return {"tries": tries, "kept": best(trainings)}


def warning(trainings: Sequence[Training]) -> str | None:
    """What to say where a try has failed; None where none has."""
    kept, losses = best(trainings), [each.history.last_epoch_loss for each in trainings]
    worst = max(range(len(losses)), key=losses.__getitem__)
    fall = float(trainings[kept].history.rows[0]["loss"]) - losses[kept]
    if losses[worst] - losses[kept] <= (1 - FAILED) * max(fall, 0.0):
        return None
    return (
        f"WARNING: try {worst + 1} of {len(losses)} ended with a training loss of {losses[worst]:.4f}, the best with "
        f"{losses[kept]:.4f}: it has failed, and try {kept + 1} is kept"
    )
