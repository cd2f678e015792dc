"""What exits train for: each to answer as the frozen model does, or as the labels say."""

from collections.abc import Callable

import torch

from multipress.model.bert import BertClassifier
from multipress.model.exits import Exits, read_first_tokens
from multipress.training.batches import Batch
from multipress.training.imitation import logits_distance
from multipress.training.micro_batches import Losses
from multipress.training.objectives import task_loss

TEMPERATURE = 1.0
"""Of the answers that are imitated: entropies of exits are then to be those of the model."""


def exits_objective(model: BertClassifier, kind: str, for_labels: bool) -> Callable[[Exits, Batch], Losses]:
    """The sum of all exits' losses, as in the second stage of DeeBERT; the model computes without dropout."""

    def objective(exits: Exits, batch: Batch) -> Losses:
        with torch.no_grad():
            states, answers = read_first_tokens(model, batch.input_ids, batch.attention_mask, batch.token_type_ids)
        found = [leave(state) for leave, state in zip(exits.held, states, strict=True)]
        if for_labels:
            losses = [task_loss(logits, batch.labels, kind) for logits in found]
        else:
            losses = [logits_distance(logits, answers, kind, TEMPERATURE) for logits in found]
        return {"loss": torch.stack(losses).sum()}

    return objective
