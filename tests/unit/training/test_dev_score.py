import numpy as np
import pytest
import torch

from multipress.core.errors import UserError
from multipress.data.tokens import Tokens
from multipress.evaluation.metrics import score_all
from multipress.model.build import new_classifier
from multipress.training.dev_score import dev_scorer
from multipress.training.inference import compute_logits, predict

CPU = torch.device("cpu")


def relabelled(tokens, labels):
    return Tokens(tokens.ids, tokens.offsets, tokens.first_lengths, labels, tokens.idx)


@pytest.mark.parametrize(("kind", "metric"), [("classification", "accuracy"), ("regression", "pearson")])
def test_it_is_the_metric_of_the_results_table(model, shape, task, tokens, kind, metric):
    if kind == "regression":
        model = new_classifier(shape, 60, task.model_copy(update={"kind": kind, "labels": None}), dropout=0.0)
        tokens = relabelled(tokens, np.random.default_rng(0).normal(size=len(tokens)))
    predictions = predict(kind, compute_logits(model, tokens, 16, CPU))
    expected = 100 * score_all(kind, tokens.labels, predictions, 2)[metric]
    assert dev_scorer(kind, tokens, 16, CPU)(model) == pytest.approx(expected)
    assert expected != 0


def test_constant_labels_correlate_with_nothing(shape, task, tokens):
    model = new_classifier(shape, 60, task.model_copy(update={"kind": "regression", "labels": None}), dropout=0.0)
    assert dev_scorer("regression", relabelled(tokens, np.ones(len(tokens))), 16, CPU)(model) == 0


def test_a_diverged_model_is_told(model, tokens):
    with torch.no_grad():
        model.classifier.bias.fill_(torch.nan)
    with pytest.raises(UserError, match="not finite"):
        dev_scorer("classification", tokens, 16, CPU)(model)
