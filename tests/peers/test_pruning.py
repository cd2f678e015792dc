"""The sparsity schedule against its closed form in exact fractions, and the pruner against both."""

from fractions import Fraction

import pytest
import torch
from torch import nn

from multipress.compression.prune.masks import Pruner, linear_sparsity
from multipress.compression.prune.settings import PruneSettings
from multipress.training.optimizer import Optimizer
from multipress.training.zeros import prunable_weights

SCHEDULES = {
    "default": {},
    "whole training": {"ramp_start": 0.0, "ramp_end": 1.0},
    "late": {"ramp_start": 0.5, "ramp_end": 1.0},
    "steep": {"ramp_start": 0.3, "ramp_end": 0.31},
}


def due(step, total, settings, final):
    """Sparsity due after a step, without rounding: the decimals of the settings are taken at their word."""
    start, end = (Fraction(str(share)) * total for share in (settings.ramp_start, settings.ramp_end))
    if step <= start:
        return Fraction(0)
    if step >= end:
        return Fraction(str(final))
    return Fraction(str(final)) * (step - start) / (end - start)


def last_update(step, total, settings):
    """The step of the latest update of the mask: a multiple of ``update_every``, and none of those past the ramp."""
    end = Fraction(str(settings.ramp_end)) * total
    return step if step >= end else step - step % settings.update_every


@pytest.mark.parametrize("total", [1, 7, 10, 100, 997])
@pytest.mark.parametrize("final", [0.1, 0.6, 0.95])
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_the_schedule_follows_its_closed_form_at_every_step(schedule, final, total):
    settings = PruneSettings(**schedule)
    for step in range(total + 1):
        expected = due(step, total, settings, final)
        sparsity = linear_sparsity(step, total, settings, final)
        assert sparsity == pytest.approx(float(expected), rel=1e-9, abs=1e-12), step
        assert (sparsity == 0) == (expected == 0), step
        assert (sparsity == final) == (expected == Fraction(str(final))), step


class Encoder(nn.Module):
    """Matrices of several shapes where a BERT has its own, and one that is not pruned."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList([nn.Linear(13, 7), nn.Linear(7, 11), nn.Linear(10, 10)])
        self.pooler = nn.Linear(10, 10)


def train_one_step(model, optimizer):
    """Move all weights, with weight decay and momentum."""
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()


def zeros(weights):
    return [int((weight == 0).sum()) for weight in weights]


@pytest.mark.parametrize("total", [9, 30, 101])
@pytest.mark.parametrize("update_every", [1, 4, 10, 1000])
@pytest.mark.parametrize("scope", ["layer", "global"])
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_the_weights_are_as_sparse_after_every_step_as_the_last_update_made_them(schedule, scope, update_every, total):
    torch.manual_seed(0)
    model = Encoder()
    weights = prunable_weights(model)
    settings = PruneSettings(**schedule, scope=scope, update_every=update_every, learning_rate=0.1)
    pruner = Pruner(model, settings, 0.6)
    pruner.start(optimizer := Optimizer(model, settings, total))
    for step in range(1, total + 1):
        train_one_step(model, optimizer)
        pruner.after_update(step, total)
        sparsity = due(last_update(step, total, settings), total, settings, 0.6)
        assert pruner.sparsity == pytest.approx(float(sparsity), rel=1e-9), step
        pruned, sizes = zeros(weights.values()), [weight.numel() for weight in weights.values()]
        if scope == "global":
            pruned, sizes = [sum(pruned)], [sum(sizes)]
        for count, size in zip(pruned, sizes, strict=True):
            assert abs(count - sparsity * size) <= 0.5 + 1e-9, step
    assert zeros([model.pooler.weight]) == [0]
