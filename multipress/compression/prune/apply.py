"""Prune a model's encoder by magnitude while it trains on."""

from multipress.compression.prune.masks import Pruner
from multipress.compression.prune.settings import PruneSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier
from multipress.training.hooks import Hook
from multipress.training.zeros import MaskKeeper

SETTINGS = PruneSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Raise the sparsity along the schedule."""
    sparsity = work.argument / 100
    training = work.train(model, [Pruner(model, work.settings, sparsity)])
    return Applied(training, sparsity=sparsity)


def keep(model: BertClassifier) -> list[Hook]:
    """Hooks of later steps: the zeros stay."""
    return [MaskKeeper(model)]
