"""Exits beside a model's layers, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.exits import CurvePoint, ExitRule, Exits


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Add the exits; their weights come with the others.

    Args:
        model: without exits.
        structure: ``rule`` says when rows leave, ``curve`` with which other thresholds the model is evaluated.
    """
    rule = ExitRule.model_validate(structure["rule"])
    curve = [CurvePoint.model_validate(point) for point in structure["curve"]]
    model.exits = Exits(model.config, len(model.bert.encoder.layers) - 1, rule, curve)
