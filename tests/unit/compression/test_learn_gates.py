"""Learned gates: their distribution against closed forms and samples, the target, and masked = sliced models."""

import copy
import math

import numpy as np
import pytest
import torch
from scipy import stats

from multipress.compression import recipes
from multipress.compression.learn_gates import hard_concrete
from multipress.compression.learn_gates.choice import open_parts
from multipress.compression.learn_gates.gates import Gates
from multipress.compression.learn_gates.settings import LearnGatesSettings
from multipress.compression.planned_size import planned_size
from multipress.compression.rebuild import load_model, open_checkpoint
from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.model.build import new_classifier
from multipress.model.layer_parts import heads_of, keep_shapes, neurons_of
from multipress.model.shape import ArchitectureSpec
from tests.steps import SHAPE, Study

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture
def model():
    torch.manual_seed(0)
    shape = ArchitectureSpec(layers=2, hidden=16, heads=4, feed_forward=24)
    return new_classifier(shape, 60, PreparedTask(kind="classification", labels=["no", "yes"]), dropout=0.0)


def parts_of(model):
    layers = model.bert.encoder.held
    return [*map(heads_of, layers), *map(neurons_of, layers)]


def gates_on(model, target=0.5, total=10, **settings):
    return Gates(parts_of(model), target, LearnGatesSettings(**settings), total, CPU)


@pytest.mark.parametrize("location", [-3.0, -0.5, 0.0, 2.0])
def test_the_chance_of_an_open_gate_is_the_closed_form_and_that_of_samples(location):
    # Louizos et al. 2018, equation 12: 1 - Q(0), with the logistic distribution of log u - log(1 - u).
    inner = -hard_concrete.LOW / (hard_concrete.HIGH - hard_concrete.LOW)  # s at which z is 0
    closed = 1 - stats.logistic.cdf(hard_concrete.TEMPERATURE * math.log(inner / (1 - inner)) - location)
    found = float(hard_concrete.open_probability(torch.tensor(location)))
    assert found == pytest.approx(closed, rel=1e-5)
    torch.manual_seed(0)
    gates, _ = hard_concrete.sample(torch.full((200_000,), location), torch.rand(200_000))
    assert float((gates > 0).float().mean()) == pytest.approx(closed, abs=4e-3)
    assert 0 <= float(gates.min()) <= float(gates.max()) <= 1


def test_slopes_of_samples_are_autograd_s():
    location = torch.linspace(-4, 4, 101, dtype=torch.float64, requires_grad=True)
    uniform = torch.rand(101, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    inner = torch.sigmoid((torch.logit(uniform) + location) / hard_concrete.TEMPERATURE)
    expected = (inner * (hard_concrete.HIGH - hard_concrete.LOW) + hard_concrete.LOW).clamp(0, 1)
    expected.sum().backward()
    gates, slopes = hard_concrete.sample(location.detach(), uniform)
    assert torch.allclose(gates, expected.detach())
    assert torch.allclose(slopes, location.grad)
    assert 0 < int((slopes == 0).sum()) < 101


def test_the_expected_sparsity_is_the_share_of_weights_behind_closed_gates(model):
    gates = gates_on(model)
    locations = gates.state()["values"][:-2]
    locations.copy_(torch.randn(len(locations), generator=torch.Generator().manual_seed(2)))
    sizes = [part.weights_of_one for part in parts_of(model) for _ in range(part.count)]
    matrices = [weight for weight in model.bert.encoder.parameters() if weight.ndim == 2]
    assert sum(sizes) == sum(matrix.numel() for matrix in matrices)
    chances = hard_concrete.open_probability(locations).tolist()
    left = sum(chance * size for chance, size in zip(chances, sizes, strict=True))
    assert float(gates.expected_sparsity) == pytest.approx(1 - left / sum(sizes), rel=1e-6)


def test_terms_of_the_loss_have_the_gradients_of_autograd(model, monkeypatch):
    """Of locations down the loss, of prices up."""
    taken = {}
    monkeypatch.setattr(
        "multipress.compression.learn_gates.gates.adamw.step",
        lambda values, gradient, *rest, **options: taken.update(gradient=gradient.clone()),
    )
    gates = gates_on(model, total=10)
    state = gates.state()["values"]
    state[-2:] = torch.tensor([0.7, 1.3])
    locations, prices = state[:-2].double().requires_grad_(), state[-2:].double().requires_grad_()
    torch.manual_seed(3)
    gates.before_forward()
    gates._gates.grad = torch.zeros_like(gates._gates)  # a loss that no gate changes
    gates.before_update()
    sizes = torch.tensor([part.weights_of_one for part in parts_of(model) for _ in range(part.count)]).double()
    sparsity = 1 - (hard_concrete.open_probability(locations) * sizes).sum() / sizes.sum()
    off = sparsity - gates.target_after(1)
    (prices[0] * off + prices[1] * off**2).backward()
    assert torch.allclose(taken["gradient"][:-2].double(), locations.grad, rtol=1e-4, atol=1e-9)
    assert torch.allclose(taken["gradient"][-2:].double(), -prices.grad, rtol=1e-4)


def test_gates_move_to_the_target_and_those_that_matter_stay(model):
    gates = gates_on(model, target=0.5, total=800, gates_learning_rate=0.1)
    matters = torch.zeros(len(gates._gates))
    matters[:4] = 1.0  # the first layer's heads
    for step in range(1, 401):
        gates.before_forward()
        gates._gates.grad = -matters
        gates.before_update()
        if step < 400:
            gates.after_update(step, 800)
    assert float(gates.expected_sparsity) == pytest.approx(0.5, abs=0.05)
    assert not gates.is_settled
    gates.after_update(400, 800)
    assert gates.is_settled
    assert gates.kept()[0] == [0, 1, 2, 3]


def test_more_than_a_head_and_a_neuron_of_each_layer_cannot_go(study):
    message = "takes more than can go, for each layer keeps a head and a neuron: use c73 or less"
    with pytest.raises(UserError) as caught:
        study.make("ft-c74")
    assert str(caught.value) == f"step c74 {message}"
    assert study.make("ft-c73")
    size = planned_size(ArchitectureSpec(**SHAPE))
    with pytest.raises(ValueError, match=message):
        recipes.planned(size, "ft-c74")
    assert recipes.planned(size, "ft-c73").encoder_weights < 0.3 * size.encoder_weights


@pytest.mark.parametrize("target", [0.1, 0.5, 0.83])
def test_what_stays_meets_the_target_within_one_neuron(target):
    random = np.random.default_rng(0)
    sizes = [64, 64, 4, 4]
    scores = [random.normal(size=count).tolist() for count in (4, 4, 64, 64)]
    kept = open_parts(scores, sizes, target)
    left = sum(len(parts) * size for parts, size in zip(kept, sizes, strict=True))
    wanted = (1 - target) * sum(len(layer) * size for layer, size in zip(scores, sizes, strict=True))
    assert wanted - 4 < left <= wanted
    assert all(parts == sorted(set(parts)) and parts for parts in kept)
    for layer, parts in zip(scores[2:], kept[2:], strict=True):
        closed = set(range(64)) - set(parts)
        assert min(layer[part] for part in parts) > max(layer[part] for part in closed)


def test_a_model_with_settled_gates_computes_what_the_cut_one_does(model):
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    gates = gates_on(model, target=0.5, total=2)
    locations = gates.state()["values"][:-2]
    locations.copy_(torch.randn(len(locations), generator=torch.Generator().manual_seed(4)))
    gates.after_update(1, 2)
    assert gates.is_settled
    ids = torch.randint(5, 60, (6, 9), generator=torch.Generator().manual_seed(5))
    model.eval()
    with torch.inference_mode():
        masked = model(ids)
    gates.remove()
    kept = gates.kept()
    cut = copy.deepcopy(model)
    keep_shapes(cut.bert.encoder.held, kept[:2], kept[2:])
    with torch.inference_mode():
        assert not torch.allclose(model(ids), masked, atol=1e-3)
        assert torch.allclose(cut(ids), masked, atol=1e-5)


@pytest.mark.parametrize(("recipe", "sparsity"), [("ft-c50", 0.5), ("ft-c70", 0.7), ("kd-l2-c50", 0.5)])
def test_the_encoder_loses_exactly_so_much_within_one_neuron(study, recipe, sparsity):
    def weights(name):
        parameters = load_model(study.make(name)).bert.encoder.parameters()
        return sum(weight.numel() for weight in parameters if weight.ndim == 2)

    before, after = weights(recipe.rpartition("-")[0]), weights(recipe)
    neuron = 2 * 16
    assert 0 <= (1 - sparsity) * before - after < neuron
    structure = open_checkpoint(study.model(recipe)).steps.steps[-1].structure
    held = load_model(study.model(recipe)).bert.encoder.held
    assert structure["neurons"] == [layer.output.dense.in_features for layer in held]
    assert [len(kept) for kept in structure["heads"]] == [layer.attention.self.heads for layer in held]
