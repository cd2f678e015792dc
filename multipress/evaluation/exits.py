"""What exits are worth: layers that rows pass, and the score, at thresholds that come from training rows."""

from typing import Any

import numpy as np
import torch

from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.evaluation.metrics import primary_score, score_all
from multipress.model.bert import BertClassifier
from multipress.model.exits import CurvePoint, Exits
from multipress.training.inference import compute_answers, predict


def exit_fields(
    model: BertClassifier, task: PreparedTask, metric: str, dev: Tokens, batch_size: int, device: torch.device
) -> dict[str, Any]:
    """The fields of a record that models with exits have: layers on average, and a point for each threshold.

    Raises:
        UserError: the metric has no value on the dev set.
    """
    exits = model.exits
    if not isinstance(exits, Exits):
        return {}
    answers = torch.from_numpy(compute_answers(model, dev, batch_size, device))
    points = [_point(exits, point, answers, task, metric, dev) for point in exits.curve]
    return {"mean_layers": float(exits.rule.depths(answers).double().mean()), "exits": points}


def _point(
    exits: Exits, point: CurvePoint, answers: torch.Tensor, task: PreparedTask, metric: str, dev: Tokens
) -> dict[str, Any]:
    rule = exits.rule.model_copy(update={"threshold": point.threshold})
    depths = rule.depths(answers)
    logits: np.ndarray = answers[depths - 1, torch.arange(len(dev))].numpy()
    scores = score_all(task.kind, dev.labels, predict(task.kind, logits), len(task.labels or []))
    return {
        "rule": rule.kind,
        "threshold": point.threshold,
        "layers": len(answers),
        "mean_layers_train": point.mean_layers,
        "mean_layers": float(depths.double().mean()),
        "score": primary_score(metric, scores, "the dev set"),
    }
