import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn

from multipress.compression.factorize.apply import factor_encoder
from multipress.compression.factorize.layers import FactoredLinear, factored
from multipress.compression.factorize.ranks import kept_rank


@pytest.mark.parametrize(
    ("rows", "columns", "percent", "rank"),
    [(768, 768, 50, 192), (3072, 768, 50, 307), (768, 3072, 25, 153), (4, 4, 1, 1), (16, 32, 99, 10)],
)
def test_the_rank_keeps_at_most_the_share_of_the_parameters(rows, columns, percent, rank):
    assert kept_rank(rows, columns, percent) == rank
    if rank > 1:
        assert rank * (rows + columns) <= percent / 100 * rows * columns < (rank + 1) * (rows + columns)


@pytest.mark.parametrize("shape", [(24, 24), (48, 16), (16, 48)])
@pytest.mark.parametrize("rank", [1, 5, 16])
def test_factors_are_the_best_approximation(shape, rank):
    torch.manual_seed(0)
    linear = nn.Linear(shape[1], shape[0])
    layer = factored(linear, rank)
    product = (layer.second.weight @ layer.first.weight).detach().double().numpy()
    weight = linear.weight.detach().double().numpy()
    left, values, right = scipy.linalg.svd(weight, full_matrices=False)
    assert np.allclose(product, left[:, :rank] * values[:rank] @ right[:rank], atol=1e-5)
    # Eckart and Young: what is lost is the energy of the values that were cut off.
    assert np.square(weight - product).sum() == pytest.approx(np.square(values[rank:]).sum(), rel=1e-4, abs=1e-9)
    assert torch.equal(layer.second.bias, linear.bias)
    assert layer.first.bias is None


def test_full_rank_changes_nothing_but_rounding():
    torch.manual_seed(0)
    linear, values = nn.Linear(24, 16), torch.randn(7, 24)
    assert torch.allclose(factored(linear, 16)(values), linear(values), atol=1e-5)


def test_the_encoder_is_factored_and_nothing_else(model):
    ranks = factor_encoder(model, 50)
    layers = model.bert.encoder.layer
    assert len(ranks) == 6 * len(layers)
    assert all(isinstance(model.get_submodule(name), FactoredLinear) for name in ranks)
    factors = {name for name, module in model.named_modules() if isinstance(module, FactoredLinear)}
    assert factors == set(ranks)
    assert isinstance(model.bert.pooler.dense, nn.Linear)
    assert ranks["bert.encoder.layer.0.intermediate.dense"] == kept_rank(32, 16, 50)
