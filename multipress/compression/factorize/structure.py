"""Factored layers in place of a model's matrices, from what its checkpoint says."""

from typing import Any

from torch import nn

from multipress.compression.factorize.layers import FactoredLinear
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Put factors in; their numbers come with the weights.

    Args:
        model: with the matrices that were factored.
        structure: ``ranks``, the rank of each factored layer by its name.
    """
    for name, rank in structure["ranks"].items():
        linear = model.get_submodule(name)
        if not isinstance(linear, nn.Linear):
            raise UserError(
                f"steps.json names ranks of {name}, which is no matrix of this model: train the model again"
            )
        model.set_submodule(name, FactoredLinear(linear.in_features, rank, linear.out_features))
