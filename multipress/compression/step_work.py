"""What a method's ``apply`` gets and gives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from multipress.model.bert import BertClassifier
from multipress.training.batches import RowBatches
from multipress.training.hooks import Hook
from multipress.training.loop import Training, TrainingContext, train
from multipress.training.objectives import Objective


@dataclass(frozen=True)
class StepWork:
    """What a step works with."""

    settings: Any
    """Of the method's settings class."""
    argument: int
    """0 where the method has none."""
    batches: RowBatches
    context: TrainingContext
    """Its hooks keep what earlier steps made."""
    objective: Objective
    """Of the step's lineage."""
    layer_times: Path | None = None
    """Table of how long the architecture's layers take, for methods that read it."""

    @property
    def device(self) -> torch.device:
        """Where the job computes."""
        return self.context.device

    def train(self, model: BertClassifier, hooks: Sequence[Hook] = (), in_float32: bool = False) -> Training:
        """Train ``model`` in place with the method's hooks before those of earlier steps."""
        context = replace(self.context, hooks=[*hooks, *self.context.hooks])
        if in_float32 or any(hook.needs_float32 for hook in context.hooks):
            context = replace(context, bfloat16=False)
        return train(model, self.batches, self.objective, self.settings, context)


@dataclass(frozen=True)
class Applied:
    """What came of a step."""

    training: Training | None = None
    """None where nothing was trained."""
    sparsity: float = 0.0
    bits: int = 32
    index_bits: int = 0
    """Of each encoder's weight that is not zero: where it lies, if the zeros have a pattern."""
    structure: dict[str, Any] | None = None
    """What rebuilding the layers takes, for JSON; None: a plain BERT of the checkpoint's config.json."""
    rows: int | None = None
    """Rows that were looked at, where nothing was trained."""
