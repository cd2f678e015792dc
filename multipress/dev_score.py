"""The score of a model in training."""

from collections.abc import Callable

import torch

from multipress.bert import BertClassifier
from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.inference import compute_logits, predict
from multipress.metrics import score_all


def dev_scorer(
    task: PreparedTask, tokens: Tokens, batch_size: int, device: torch.device
) -> Callable[[BertClassifier], float]:
    """A function from a model to 100 times the task's primary metric on the rows of a dev set."""

    def score(model: BertClassifier) -> float:
        predictions = predict(task.kind, compute_logits(model, tokens, batch_size, device))
        return 100 * score_all(task.kind, tokens.labels, predictions, len(task.labels or []))[task.metric]

    return score
