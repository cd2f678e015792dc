"""The score of a model in training."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch

from multipress.core.errors import UserError
from multipress.data.tokens import Tokens
from multipress.model.bert import BertClassifier
from multipress.training.inference import compute_logits, predict


def dev_scorer(
    kind: Literal["classification", "regression"], tokens: Tokens, batch_size: int, device: torch.device
) -> Callable[[BertClassifier], float]:
    """A function from a model to 100 times its accuracy on some rows, or its Pearson correlation in regression.

    That is the curve in a training's history, whatever metric the results table has for the task: so a change of the
    metric, or of how the tables' metrics are computed, trains nothing anew.

    Raises:
        UserError: (the function) a logit is not a finite number.
    """

    def score(model: BertClassifier) -> float:
        logits = compute_logits(model, tokens, batch_size, device)
        if not np.isfinite(logits).all():
            raise UserError("predictions are not finite: training diverged; lower the learning rate and train again")
        predictions = predict(kind, logits)
        return 100 * (_accuracy if kind == "classification" else _pearson)(tokens.labels, predictions)

    return score


def _accuracy(labels: np.ndarray, predictions: np.ndarray) -> float:
    return float((labels == predictions).mean())


def _pearson(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Pearson correlation; 0 where one of them is constant, as in the results table."""
    if np.ptp(labels) == 0 or np.ptp(predictions) == 0:
        return 0.0
    return float(np.corrcoef(labels, predictions)[0, 1])
