import numpy as np
import pytest
import torch

from multipress.batches import Rows
from multipress.config.training import DistillationSettings
from multipress.distillation import distillation_loss, distillation_objective
from multipress.errors import UserError


def softmax(values):
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 10.0])
def test_the_loss_is_the_softened_kl_divergence_in_float64(temperature):
    generator = np.random.default_rng(0)
    student, teacher = generator.normal(size=(2, 16, 3)) * 4
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    expected = temperature**2 * (p * (np.log(p) - np.log(q))).sum(axis=1).mean()
    loss = distillation_loss(torch.tensor(student), torch.tensor(teacher), "classification", temperature)
    assert float(loss) == pytest.approx(expected, rel=1e-10)


def test_equal_logits_cost_nothing():
    logits = torch.randn(8, 3)
    assert float(distillation_loss(logits, logits + 5, "classification", 2.0)) == pytest.approx(0, abs=1e-6)
    assert float(distillation_loss(logits[:, :1], logits[:, :1], "regression", 2.0)) == 0


def test_the_task_weight_mixes_both_losses(model, tokens):
    teacher = np.random.default_rng(0).normal(size=(len(tokens), 2)).astype(np.float32)
    batch = Rows(tokens, torch.device("cpu"), teacher).batch(np.arange(8))
    losses = distillation_objective("classification", DistillationSettings(task_weight=0.25))(model, batch)
    mixed = 0.25 * losses["task_loss"] + 0.75 * losses["distillation_loss"]
    assert torch.allclose(losses["loss"], mixed)


def test_logits_of_another_task_are_refused(model, tokens):
    batch = Rows(tokens, torch.device("cpu"), np.zeros((len(tokens), 3), dtype=np.float32)).batch(np.arange(8))
    with pytest.raises(UserError, match="do not fit"):
        distillation_objective("classification", DistillationSettings())(model, batch)
