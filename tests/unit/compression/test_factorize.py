import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.decomposition import TruncatedSVD
from torch import nn

from multipress.compression.factorize.apply import encoder_linears, factor_encoder
from multipress.compression.factorize.layers import FactoredLinear, factored
from multipress.compression.factorize.moments import second_moments
from multipress.compression.factorize.ranks import kept_rank
from multipress.compression.rebuild import load_model
from multipress.data.token_files import read_tokens
from multipress.model.low_rank import best_factors
from multipress.training.batches import Rows
from tests.steps import ROWS, Study


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


@pytest.mark.parametrize("shape", [(24, 24), (48, 16), (16, 48)])
def test_plain_factors_have_scikit_learns_product(shape):
    torch.manual_seed(0)
    weight = torch.randn(shape)
    left, right = best_factors(weight, 5)
    peer = TruncatedSVD(5, algorithm="arpack", random_state=0)
    expected = peer.fit_transform(weight.double().numpy()) @ peer.components_
    assert np.allclose((left @ right).numpy(), expected, atol=1e-6)


def test_factors_for_inputs_are_those_of_a_regression_of_reduced_rank():
    torch.manual_seed(0)
    weight, inputs = torch.randn(12, 16).double(), torch.randn(200, 16).double() * torch.linspace(0.1, 3, 16)
    moments = inputs.T @ inputs
    left, right = best_factors(weight, 4, moments)
    # Damping is a further row of each input alone. The best outputs lie in the space of the most of all outputs.
    further = (0.01 * moments.diag().mean()).sqrt() * torch.eye(16).double()
    rows = torch.cat([inputs, further]).numpy()
    _, _, directions = scipy.linalg.svd(rows @ weight.numpy().T, full_matrices=False)
    expected = directions[:4].T @ directions[:4] @ weight.numpy()
    assert np.allclose((left @ right).numpy(), expected, atol=1e-8)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study", {"factorize": {"data_aware": True, "data_rows": 32}})


def batches_of(study):
    rows = Rows(read_tokens(study.folder / "train.arrow"), torch.device("cpu"))
    return [rows.batch(np.arange(start, start + 24)) for start in range(0, ROWS, 24)]


def test_moments_are_those_of_what_each_layer_multiplies(study):
    model, batches = load_model(study.make("ft")), batches_of(study)
    before = model.state_dict()
    found = second_moments(model, encoder_linears(model), batches)
    assert before.keys() == model.state_dict().keys()
    attention = {f"bert.encoder.layer.1.attention.self.{name}" for name in ("query", "key", "value")}
    states, firsts = [], []
    for batch in batches:
        for row in range(batch.size):  # one by one, so that nothing is padded
            length = int((batch.input_ids[row] != 0).sum())
            hidden, mask = model.bert.embed(batch.input_ids[row : row + 1, :length], None, None)
            first, second, _ = model.bert.encoder.layers
            states.append(first(hidden, mask, False)[0])
            firsts.append(second(states[-1][None], mask, False)[0, :1])
    for parts, names in (
        (states, attention),
        (firsts, {"bert.encoder.layer.2.attention.self.query"}),
    ):
        expected = torch.cat(parts).double()
        for name in names:
            assert torch.allclose(found[name], expected.T @ expected, rtol=1e-4, atol=1e-3), name


def test_data_aware_factors_err_less_on_the_rows_they_come_from(study):
    model, batches = load_model(study.make("ft")), batches_of(study)
    moments = second_moments(model, encoder_linears(model), batches)
    for name, linear in encoder_linears(model).items():
        weight = linear.weight.detach().double()
        errors = []
        for of in (None, moments[name]):
            left, right = best_factors(weight, 3, of)
            lost = weight - left @ right
            errors.append((float(torch.trace(lost @ moments[name] @ lost.T)), float(lost.square().sum())))
        (plain, plain_lost), (aware, aware_lost) = errors
        assert aware < plain, name
        assert aware_lost > plain_lost, name


def test_a_data_aware_step_starts_elsewhere_and_ends_with_the_same_shapes(study):
    plain = Study(study.folder.parent / "plain")
    aware, other = (load_model(each.make("ft-r50")).state_dict() for each in (study, plain))
    assert {name: values.shape for name, values in aware.items()} == {
        name: values.shape for name, values in other.items()
    }
    assert any(not torch.allclose(values, other[name], atol=0.05) for name, values in aware.items())
