"""Thresholds of exits from the answers of all exits on some rows."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import torch

from multipress.model.exits import NEVER, CurvePoint, ExitRule, Kind, entropy, most_entropy


def choose(rule: ExitRule, answers: torch.Tensor, layers: float) -> ExitRule:
    """The rule with the threshold that lets rows leave as late as a mean number of layers allows.

    Where not even leaving at the first exit does, all rows leave there.

    Args:
        rule: its kind and tolerance stay.
        answers: of all exits and the head, shape (layers, rows, outputs).
        layers: that rows may pass on average.
    """
    rules = [rule.model_copy(update={"threshold": threshold}) for threshold in thresholds(rule.kind, answers)]
    found = bisect_left(rules, -layers, key=lambda each: -mean_depth(each, answers))
    return rules[min(found, len(rules) - 1)]


def curve(rule: ExitRule, answers: torch.Tensor) -> list[CurvePoint]:
    """The thresholds for each half of a layer less, from that at which no row leaves to that at which all do."""
    count = len(answers)
    rules = [choose(rule, answers, number / 2) for number in range(2 * count, 2, -1)]
    rules.append(rule.model_copy(update={"threshold": thresholds(rule.kind, answers)[-1]}))
    found = {each.threshold: mean_depth(each, answers) for each in rules}
    return [CurvePoint(threshold=threshold, mean_layers=mean) for threshold, mean in found.items()]


def thresholds(kind: Kind, answers: torch.Tensor) -> Sequence[float]:
    """All that make a difference on these rows, from that at which no row leaves to that at which all do."""
    if kind == "patience":
        return [float(count) for count in range(len(answers) - 1, -1, -1)]
    found = np.unique(entropy(answers[:-1].double()).numpy())
    between = (found[:-1] + found[1:]) / 2  # where no runtime's rounding moves a row to the other side
    return [NEVER, *map(float, between), most_entropy(answers.shape[-1])]


def mean_depth(rule: ExitRule, answers: torch.Tensor) -> float:
    """Layers that rows pass on average."""
    return float(rule.depths(answers).double().mean())
