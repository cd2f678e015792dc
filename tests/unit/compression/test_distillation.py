import numpy as np
import pytest
import torch

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_loss, distillation_objective
from multipress.core.errors import UserError
from multipress.training.batches import Rows


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
