import pytest
import torch

from multipress.compression.prune.masks import Pruner, magnitude_masks
from multipress.compression.prune.settings import PruneSettings
from multipress.training.optimizer import Optimizer
from multipress.training.zeros import MaskKeeper, prunable_weights


def test_only_the_encoders_linear_weights_are_prunable(model):
    names = set(prunable_weights(model))
    assert len(names) == 2 * 6
    assert all(".encoder.layer." in f".{name}" and name.endswith(".weight") for name in names)
    assert not any("LayerNorm" in name or "pooler" in name for name in names)


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.4, 0.6, 0.9])
def test_layer_masks_drop_exactly_the_smallest_of_each_matrix(sparsity):
    torch.manual_seed(0)
    weights = {"a": torch.randn(7, 9), "b": 10 * torch.randn(5, 5)}
    masks = magnitude_masks(weights, sparsity, "layer")
    for name, weight in weights.items():
        dropped = ~masks[name]
        assert int(dropped.sum()) == round(sparsity * weight.numel())
        if dropped.any():
            assert weight[dropped].abs().max() <= weight[masks[name]].abs().min()


def test_a_global_mask_is_exact_in_total_and_spares_the_large_matrix():
    torch.manual_seed(0)
    weights = {"small": torch.randn(10, 10), "large": 100 * torch.randn(10, 10)}
    masks = magnitude_masks(weights, 0.5, "global")
    assert sum(int((~mask).sum()) for mask in masks.values()) == 100
    assert int((~masks["small"]).sum()) > 90


def test_ties_do_not_change_the_count():
    masks = magnitude_masks({"a": torch.ones(10, 10)}, 0.4, "layer")
    assert int((~masks["a"]).sum()) == 40


def start(hook, model, total=10):
    """An optimizer whose steps move every weight, and the hook on it."""
    optimizer = Optimizer(model, PruneSettings(learning_rate=0.1), total)
    hook.start(optimizer)
    return optimizer


def step(model, optimizer):
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()


def test_a_pruned_weight_does_not_return_while_the_ramp_rises(model):
    weights = prunable_weights(model)
    pruner = Pruner(model, PruneSettings(ramp_start=0, ramp_end=1, update_every=1), 0.9)
    optimizer = start(pruner, model)
    gone = {name: torch.zeros_like(weight, dtype=torch.bool) for name, weight in weights.items()}
    for number in range(1, 11):
        step(model, optimizer)
        pruner.after_update(number, 10)
        for name, weight in weights.items():
            assert not weight[gone[name]].any()
            assert int((weight == 0).sum()) == round(0.09 * number * weight.numel())
            gone[name] = weight.detach() == 0


def test_the_keeper_keeps_a_parents_zeros_and_nothing_else(model):
    weights = prunable_weights(model)
    for name, mask in magnitude_masks(weights, 0.4, "layer").items():
        weights[name].data.mul_(mask)
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    keeper = MaskKeeper(model)
    optimizer = start(keeper, model)
    for number in range(1, 4):
        step(model, optimizer)
        keeper.after_update(number, 10)
    assert keeper.sparsity == pytest.approx(0.4, abs=0.01)
    for name, weight in weights.items():
        assert torch.equal(weight == before[name], before[name] == 0)
