"""Exits beside a model's layers, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.exits import ExitRule, Exits


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Add the exits; their weights come with the others. ``rule`` says when rows leave."""
    count = len(model.bert.encoder.layers) - 1
    model.exits = Exits(model.config, count, ExitRule.model_validate(structure["rule"]))
