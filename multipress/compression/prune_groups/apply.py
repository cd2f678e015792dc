"""Set two of each four weights to zero, and train the others on."""

import torch

from multipress.compression.prune_groups.groups import DENSE, GROUP, INDEX_BITS, KEPT, check_groups
from multipress.compression.prune_groups.masks import group_mask
from multipress.compression.prune_groups.settings import PruneGroupsSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.training.hooks import Hook
from multipress.training.zeros import MaskKeeper, prunable_weights

SETTINGS = PruneGroupsSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Prune at once, then train with the masks as they are: what sparse tensor cores are trained for."""
    if work.argument == DENSE:
        return Applied(work.train(model))
    try:
        prune_groups(model)
    except ValueError as error:
        raise UserError(f"step nm{work.argument} {error}") from None
    return Applied(work.train(model, keep(model)), sparsity=1 - KEPT / GROUP, index_bits=INDEX_BITS)


@torch.no_grad()
def prune_groups(model: BertClassifier) -> None:
    """Prune the encoder's matrices in place.

    Raises:
        ValueError: a matrix has no whole groups.
    """
    for weight in prunable_weights(model).values():
        check_groups(weight.shape[1])
        weight.mul_(group_mask(weight))


def keep(model: BertClassifier) -> list[Hook]:
    """Hooks of this and of later steps: the zeros stay."""
    return [MaskKeeper(model)]
