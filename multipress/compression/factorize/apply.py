"""Factor the encoder's matrices, and train the factors on."""

from torch import nn

from multipress.compression.factorize.layers import factored
from multipress.compression.factorize.ranks import FULL_RANK, kept_rank
from multipress.compression.factorize.settings import FactorizeSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = FactorizeSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Factor each linear layer of the encoder; pooler and classifier stay dense."""
    if work.argument == FULL_RANK:
        return Applied(work.train(model))
    ranks = factor_encoder(model, work.argument)
    return Applied(work.train(model), structure={"ranks": ranks})


def factor_encoder(model: BertClassifier, percent: int) -> dict[str, int]:
    """Factor in place, to the ranks that keep ``percent`` % of each matrix's parameters; the ranks by name."""
    modules = [(name, module) for name, module in model.named_modules() if name.startswith("bert.encoder.")]
    linears = {name: module for name, module in modules if isinstance(module, nn.Linear)}
    ranks = {name: kept_rank(linear.out_features, linear.in_features, percent) for name, linear in linears.items()}
    for name, linear in linears.items():
        model.set_submodule(name, factored(linear, ranks[name]))
    return ranks
