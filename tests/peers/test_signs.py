"""Binary weights against torchao's, ternary ones against the best that any threshold gives."""

import pytest
import torch
from torchao.prototype.parq.quant import LSBQuantizer

from multipress.compression.quantize.signs import binary, ternary


@pytest.mark.parametrize(("dims", "dim"), [((0, 1), None), ((-1,), -1)])
def test_binary_weights_are_torchaos(dims, dim):
    torch.manual_seed(0)
    weight = torch.randn(33, 70) * torch.logspace(-2, 1, 33)[:, None]
    signs, scale = binary(weight, dims)
    theirs, _ = LSBQuantizer().quantize(weight, 1, *([] if dim is None else [dim]))
    assert torch.allclose(signs * scale, theirs, rtol=1e-6, atol=0)


def least_error(values):
    """The least squared error of -a, 0 and a: the largest k magnitudes keep their signs, over all k."""
    magnitudes = values.abs().double().sort(descending=True).values
    kept = torch.arange(1, len(magnitudes) + 1)
    return float((magnitudes.square().sum() - magnitudes.cumsum(0).square() / kept).min())


@pytest.mark.parametrize("seed", range(5))
def test_ternary_weights_are_within_a_hundredth_of_the_best(seed):
    torch.manual_seed(seed)
    weight = torch.randn(40_000)
    signs, scale = ternary(weight, (0,))
    error = float((weight.double() - (signs * scale).double()).square().sum())
    best = least_error(weight)
    assert best <= error < 1.01 * best
    assert error / float(weight.double().square().sum()) == pytest.approx(0.193, abs=0.004)


def test_the_scale_of_each_ternary_row_is_the_mean_of_what_it_keeps():
    torch.manual_seed(1)
    weight = torch.randn(7, 50) * torch.logspace(-3, 1, 7)[:, None]
    signs, scale = ternary(weight, (-1,))
    for row, kept, found in zip(weight.double(), signs, scale[:, 0], strict=True):
        threshold = 0.7 * row.abs().mean()
        assert torch.equal(kept.double(), row.sign() * (row.abs() > threshold))
        assert float(found) == pytest.approx(float(row.abs()[row.abs() > threshold].mean()), rel=1e-6)
