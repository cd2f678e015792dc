"""Set two of each four weights to zero, and train the others on."""

import torch

from multipress.compression.prune_groups.groups import DENSE, GROUP, INDEX_BITS, KEPT
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
    prune_groups(model)
    return Applied(work.train(model, keep(model)), sparsity=1 - KEPT / GROUP, index_bits=INDEX_BITS)


@torch.no_grad()
def prune_groups(model: BertClassifier) -> None:
    """Prune the encoder's matrices in place.

    Raises:
        UserError: a matrix has no whole groups.
    """
    for name, weight in prunable_weights(model).items():
        if weight.shape[1] % GROUP:
            raise UserError(
                f"step nm24 keeps two of each four inputs' weights, and {name} has {weight.shape[1]} inputs: prune "
                "with mp50, or cut to a multiple of four"
            )
        weight.mul_(group_mask(weight))


def keep(model: BertClassifier) -> list[Hook]:
    """Hooks of this and of later steps: the zeros stay."""
    return [MaskKeeper(model)]
