from dataclasses import replace

import numpy as np
import pytest
import torch

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_objective
from multipress.core.errors import UserError
from multipress.data.tokens import concatenate
from multipress.model.build import new_classifier
from multipress.training.batches import Rows
from multipress.training.imitation import logits_distance


def test_equal_logits_cost_nothing():
    logits = torch.randn(8, 3)
    assert float(logits_distance(logits, logits + 5, "classification", 2.0)) == pytest.approx(0, abs=1e-6)
    assert float(logits_distance(logits[:, :1], logits[:, :1], "regression", 2.0)) == 0


def test_the_task_weight_mixes_both_losses(model, tokens):
    teacher = np.random.default_rng(0).normal(size=(len(tokens), 2)).astype(np.float32)
    batch = Rows(tokens, torch.device("cpu"), teacher).batch(np.arange(8))
    losses = distillation_objective("classification", DistillationSettings(task_weight=0.25))(model, batch)
    mixed = 0.25 * losses["task_loss"] + 0.75 * losses["distillation_loss"]
    assert torch.allclose(losses["loss"], mixed)


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("augmented", [0.0, 0.7])
def test_copies_have_a_task_weight_of_their_own(shape, task, tokens, kind, augmented):
    outputs = 1 if kind == "regression" else 2
    model = new_classifier(shape, 60, task.model_copy(update={"kind": kind}), dropout=0.0)
    teacher = np.random.default_rng(0).normal(size=(2 * len(tokens), outputs)).astype(np.float32)
    both = concatenate([tokens, replace(tokens, copies=np.full(len(tokens), 1))])
    rows = np.array([0, 3, 97, 5, 110, 150, 7])
    batch = Rows(both, torch.device("cpu"), teacher).batch(rows)
    settings = DistillationSettings(temperature=3.0, task_weight=0.25, task_weight_augmented=augmented)
    losses = distillation_objective(kind, settings)(model, batch)
    with torch.no_grad():
        student, labels = model(**batch.inputs).double().numpy(), both.labels[rows]
    expected = []
    for row, said, taught, label in zip(rows, student, teacher[rows].astype(float), labels, strict=True):
        if kind == "regression":
            task_loss, imitation = (said[0] - label) ** 2, (said[0] - taught[0]) ** 2
        else:
            p, q = (np.exp(each / 3) / np.exp(each / 3).sum() for each in (taught, said))
            task_loss = np.log(np.exp(said).sum()) - said[int(label)]
            imitation = 9 * (p * np.log(p / q)).sum()
        weight = augmented if row >= 96 else 0.25
        expected.append(weight * task_loss + (1 - weight) * imitation)
    assert float(losses["loss"].detach()) == pytest.approx(np.mean(expected), rel=1e-5)


def test_without_copies_their_weight_does_nothing(model, tokens):
    batch = Rows(tokens, torch.device("cpu"), np.zeros((len(tokens), 2), dtype=np.float32)).batch(np.arange(8))
    assert batch.is_copy is None
    settings = [DistillationSettings(task_weight_augmented=weight) for weight in (0.0, 1.0)]
    losses = [distillation_objective("classification", each)(model.eval(), batch) for each in settings]
    assert losses[0]["loss"] == losses[1]["loss"]


def test_logits_of_another_task_are_refused(model, tokens):
    batch = Rows(tokens, torch.device("cpu"), np.zeros((len(tokens), 3), dtype=np.float32)).batch(np.arange(8))
    with pytest.raises(UserError, match="do not fit"):
        distillation_objective("classification", DistillationSettings())(model, batch)
