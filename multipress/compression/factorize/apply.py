"""Factor the encoder's matrices, and train the factors on."""

from collections.abc import Mapping

import torch
from torch import nn

from multipress.compression.factorize.layers import factored
from multipress.compression.factorize.moments import second_moments
from multipress.compression.factorize.ranks import FULL_RANK, kept_rank
from multipress.compression.factorize.settings import FactorizeSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier
from multipress.training.batches import first_rows

SETTINGS = FactorizeSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Factor each linear layer of the encoder; pooler and classifier stay dense."""
    if work.argument == FULL_RANK:
        return Applied(work.train(model))
    moments = _moments(model, work) if work.settings.data_aware else None
    ranks = factor_encoder(model, work.argument, moments)
    return Applied(work.train(model), structure={"ranks": ranks})


def _moments(model: BertClassifier, work: StepWork) -> dict[str, torch.Tensor]:
    """Of the inputs of all matrices, on the first training rows."""
    rows = first_rows(work.batches.epoch(0), work.settings.data_rows)
    return second_moments(model, encoder_linears(model), rows)


def encoder_linears(model: BertClassifier) -> dict[str, nn.Linear]:
    """The encoder's linear layers by name."""
    modules = [(name, module) for name, module in model.named_modules() if name.startswith("bert.encoder.")]
    return {name: module for name, module in modules if isinstance(module, nn.Linear)}


def factor_encoder(
    model: BertClassifier, percent: int, moments: Mapping[str, torch.Tensor] | None = None
) -> dict[str, int]:
    """Factor in place, to the ranks that keep ``percent`` % of each matrix's parameters; the ranks by name.

    ``moments`` of each layer's inputs, by its name, say which errors of the products matter; None: of the matrices.
    """
    linears = encoder_linears(model)
    ranks = {name: kept_rank(linear.out_features, linear.in_features, percent) for name, linear in linears.items()}
    for name, linear in linears.items():
        model.set_submodule(name, factored(linear, ranks[name], moments[name] if moments else None))
    return ranks
