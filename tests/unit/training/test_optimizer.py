import numpy as np
import pytest
import torch
from torch import nn

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.model.layers import Embedding
from multipress.training.adamw import BETAS, EPSILON
from multipress.training.lazy_embedding import EAGER_STEPS, LazyTable, MissedSteps
from multipress.training.optimizer import LARGE_TABLE, Optimizer
from multipress.training.schedule import learning_rates

ROWS, COLUMNS, STEPS = 40, 6, 300
PADDING, NEVER, ONCE = 0, 39, 38
"""Rows that are read at every step without a gradient, at none, and at step 150 alone."""


def make_table():
    torch.manual_seed(0)
    table = Embedding(ROWS, COLUMNS, padding_idx=PADDING)
    nn.init.normal_(table.weight)  # the padding row, too: that of a pretrained BERT is not zero
    return table


def ids_of_steps():
    """At each step the padding row and two others, row r about r times as seldom as row 1."""
    generator = np.random.default_rng(0)
    chances = 1 / np.arange(1, ONCE)
    ids = [[PADDING, *generator.choice(np.arange(1, ONCE), 2, p=chances / chances.sum())] for _ in range(STEPS)]
    ids[149].append(ONCE)
    return [torch.tensor(step) for step in ids]


def give_gradient(table, ids, scale=1.0):
    (scale * (table(ids) - torch.linspace(-1, 1, COLUMNS)).square().sum()).backward()


def train_densely(table, rates, decay, scale):
    """The table after each step of PyTorch's AdamW on all of it."""
    adamw = torch.optim.AdamW(table.parameters(), betas=BETAS, eps=EPSILON, weight_decay=decay)
    for ids, rate in zip(ids_of_steps(), rates, strict=True):
        adamw.param_groups[0]["lr"] = float(rate)
        adamw.zero_grad(set_to_none=False)
        give_gradient(table, ids, scale)
        adamw.step()
        yield table.weight.detach().clone()


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("warmup", [0.0, 0.5])
def test_lazy_rows_are_those_of_adamw_on_the_whole_table_at_every_step(warmup, decay):
    rates = learning_rates(STEPS, 1e-2, warmup)
    lazy = LazyTable(table := make_table(), rates, decay)
    waiting = 0
    for step, (ids, expected) in enumerate(
        zip(ids_of_steps(), train_densely(make_table(), rates, decay, 1.0), strict=True), start=1
    ):
        give_gradient(table, ids)
        lazy.gradient()
        lazy.step()
        lazy.drop_gradients()
        assert torch.allclose(lazy.current(), expected, rtol=1e-5, atol=2e-6), step
        waiting = max(waiting, int((lazy.weights != lazy.current()).any(1).sum()))
    assert waiting > 10
    lazy.finish()
    assert torch.equal(lazy.weights, lazy.current())
    moved = (table.weight - make_table().weight).detach().abs().amax(1)
    assert moved[1] > 0.1
    assert moved[ONCE] > 1e-2
    assert bool(moved[NEVER]) == bool(moved[PADDING]) == bool(decay)
    assert table.reader is None


def test_gradients_as_small_as_epsilon_cost_a_thousandth_of_the_movement():
    rates = learning_rates(STEPS, 1e-2, 0.1)
    lazy = LazyTable(table := make_table(), rates, 0.0)
    for ids, expected in zip(ids_of_steps(), train_densely(make_table(), rates, 0.0, EPSILON), strict=True):  # noqa: B007
        give_gradient(table, ids, EPSILON)
        lazy.gradient()
        lazy.step()
        lazy.drop_gradients()
    moved = (expected - make_table().weight).abs().max()
    assert moved > 0.1
    assert (lazy.current() - expected).abs().max() < 1e-3 * moved


@pytest.mark.parametrize("gap", [0, 1, 2, 50, 200])
@pytest.mark.parametrize("size", [1e-12, 1.0], ids=["epsilon dominates", "epsilon is negligible"])
def test_missed_steps_are_the_sum_of_single_ones(gap, size):
    decay, last = 0.3, EAGER_STEPS + 10
    rates = learning_rates(STEPS, 1e-2, 0.5)
    start, first, second = 0.7, 0.2 * size, (0.4 * size) ** 2
    row, m, v = start, first, second
    for step in range(last + 1, last + gap + 1):
        m, v, rate = m * BETAS[0], v * BETAS[1], rates[step - 1]
        row -= row * rate * decay
        row -= rate * m / (1 - BETAS[0] ** step) / (np.sqrt(v / (1 - BETAS[1] ** step)) + EPSILON)
    shrinkage, weight, flatness, first_fades, second_fades = (
        float(values[0]) for values in MissedSteps(rates, decay).between(np.array([last]), last + gap)
    )
    moved = first * weight / (np.sqrt(second) * flatness + EPSILON)
    assert start * shrinkage - moved == pytest.approx(row, rel=0, abs=2e-4 * abs(moved) + 1e-14)
    assert first * first_fades == pytest.approx(m, rel=1e-12)
    assert second * second_fades == pytest.approx(v, rel=1e-12)


class Network(nn.Module):
    """A table large enough to be lazy, a small one, a matrix, a bias and a norm."""

    def __init__(self, rows=LARGE_TABLE // 8):
        torch.manual_seed(0)
        super().__init__()
        self.words = Embedding(rows, 8, padding_idx=0)
        self.places = nn.Embedding(5, 8)
        self.dense = nn.Linear(8, 8)
        self.norm = nn.LayerNorm(8)

    def forward(self, ids):
        return self.norm(self.dense(self.words(ids) + self.places.weight)).square().sum()

    def row_tables(self):
        return [self.words]


def ids_of(step, rows):
    """Five ids, the first always the same, two among few, two among all."""
    generator = np.random.default_rng(step)
    return torch.tensor([0, 1, generator.integers(2, 6), *generator.integers(2, rows, 2)])


def settings_of(**values):
    return FinetuneSettings(**{"learning_rate": 1e-2, "weight_decay": 0.1, "max_grad_norm": 1.0} | values)


def backward(network, step):
    (10 * network(ids_of(step, network.words.num_embeddings))).backward()


def train_network(optimizer, network, steps, before_each=lambda: None):
    for step in steps:
        before_each()
        backward(network, step)
        optimizer.step()


def pytorchs_adamw(network):
    """With weight decay on matrices alone."""
    matrices = [parameter for parameter in network.parameters() if parameter.ndim == 2]
    vectors = [parameter for parameter in network.parameters() if parameter.ndim == 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}])


def begin_step(adamw, rate):
    for group in adamw.param_groups:
        group["lr"] = float(rate)
    adamw.zero_grad()


def bits(network):
    return {name: value.detach().clone() for name, value in network.named_parameters()}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


@pytest.mark.parametrize("rows", [50, LARGE_TABLE // 8], ids=["dense", "lazy"])
def test_all_weights_are_those_of_adamw_with_clipping_and_decay_of_matrices_alone(rows):
    ours, reference = Network(rows), Network(rows)
    optimizer = Optimizer(ours, settings_of(), 100)
    adamw = pytorchs_adamw(reference)
    clipped = 0
    for step, rate in enumerate(learning_rates(100, 1e-2, 0.1)):
        assert optimizer.learning_rate == rate
        backward(ours, step)
        optimizer.step()
        begin_step(adamw, rate)
        backward(reference, step)
        clipped += float(torch.nn.utils.clip_grad_norm_(reference.parameters(), 1.0)) > 1.0
        adamw.step()
    optimizer.finish()
    assert clipped > 50
    for name, weight in ours.named_parameters():
        assert torch.allclose(weight, reference.get_parameter(name), rtol=1e-4, atol=1e-5), name


@pytest.mark.parametrize("limit", [1e-3, 1.0, 1e6])
def test_clipping_scales_the_gradients_as_pytorch_does(limit):
    """The first moment after one step is a tenth of the clipped gradient."""
    ours, reference = Network(), Network()
    optimizer = Optimizer(ours, settings_of(max_grad_norm=limit), 10)
    backward(ours, 0)
    optimizer.step()
    backward(reference, 0)
    torch.nn.utils.clip_grad_norm_(reference.parameters(), limit)
    state = optimizer.state()
    matrices = [reference.places.weight.grad, reference.dense.weight.grad]
    vectors = [reference.dense.bias.grad, reference.norm.weight.grad, reference.norm.bias.grad]
    for name, gradients in (("0", matrices), ("1", vectors), ("table0", [reference.words.weight.grad])):
        moment = state[f"{name}.{'first' if name == 'table0' else 'exp_avg'}"].flatten()
        expected = 0.1 * torch.cat([gradient.flatten() for gradient in gradients])
        assert torch.allclose(moment, expected, rtol=1e-5, atol=1e-7 * float(expected.abs().max())), name
        assert expected.any()


def test_weight_decay_shrinks_matrices_and_tables_but_no_bias_or_norm():
    network = Network()
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    before = bits(network)
    optimizer = Optimizer(network, settings_of(warmup_fraction=0.0), 100)
    (0 * network(ids_of(0, 50))).backward()
    optimizer.step()
    optimizer.finish()
    for name, weight in network.named_parameters():
        factor = 1 - 1e-2 * 0.1 if weight.ndim == 2 else 1.0
        assert torch.allclose(weight, factor * before[name], rtol=1e-6, atol=0), name


def test_kept_zeros_take_no_part_in_norm_moments_or_update():
    """Against AdamW with weights, gradients and moments multiplied by the mask at every step; a new mask midway."""
    ours, reference = Network(50), Network(50)
    optimizer = Optimizer(ours, settings_of(warmup_fraction=0.0), 40)
    adamw = pytorchs_adamw(reference)
    dense, mask = reference.dense.weight, torch.ones(8, 8)
    for step, rate in enumerate(learning_rates(40, 1e-2, 0.0)):
        if step in (10, 25):
            mask = mask * (torch.rand(8, 8) < 0.6)
            optimizer.keep_zero({ours.dense.weight: mask})
            dense.data.mul_(mask)
            for name in ("exp_avg", "exp_avg_sq"):
                adamw.state[dense][name].mul_(mask)
        backward(ours, step)
        optimizer.step()
        begin_step(adamw, rate)
        backward(reference, step)
        dense.grad.mul_(mask)
        torch.nn.utils.clip_grad_norm_(reference.parameters(), 1.0)
        adamw.step()
        dense.data.mul_(mask)
        assert torch.equal(ours.dense.weight == 0, mask == 0)
        for name, weight in ours.named_parameters():
            assert torch.allclose(weight, reference.get_parameter(name), rtol=1e-4, atol=1e-5), (step, name)
    assert 0 < mask.mean() < 0.6


def test_looking_at_the_current_weights_changes_no_bit_of_later_training():
    alone, watched = Network(), Network()
    train_network(optimizer := Optimizer(alone, settings_of(), 100), alone, range(100))
    optimizer.finish()
    optimizer = Optimizer(watched, settings_of(), 100)
    seen = []

    def look():
        waiting = watched.words.weight.detach().clone()
        with optimizer.current_weights(), torch.no_grad():
            seen.append(int((watched.words.weight != waiting).any(1).sum()))
            watched.eval()(ids_of(len(seen), 1000))
        watched.train()
        assert torch.equal(watched.words.weight, waiting)

    train_network(optimizer, watched, range(100), look)
    optimizer.finish()
    assert max(seen) > 10_000  # weight decay moves them all
    assert_equal(bits(watched), bits(alone))


@pytest.mark.parametrize("stop", [1, EAGER_STEPS - 1, EAGER_STEPS, EAGER_STEPS + 20])
def test_a_saved_state_goes_on_with_the_same_bits(stop):
    alone, first, second = Network(), Network(), Network()
    train_network(optimizer := Optimizer(alone, settings_of(), 100), alone, range(100))
    optimizer.finish()
    train_network(stopped := Optimizer(first, settings_of(), 100), first, range(stop))
    state = {name: value.clone() for name, value in stopped.state().items()}
    weights = bits(first)
    train_network(stopped, first, range(stop, 100))
    resumed = Optimizer(second, settings_of(), 100)
    with torch.no_grad():
        for name, parameter in second.named_parameters():
            parameter.copy_(weights[name])
    resumed.load_state(state, stop)
    train_network(resumed, second, range(stop, 100))
    assert resumed.learning_rate == stopped.learning_rate
    resumed.finish()
    stopped.finish()
    assert_equal(bits(second), bits(alone))
    assert_equal(bits(first), bits(alone))


def test_large_tables_are_lazy_and_small_ones_are_not():
    assert "table0.last" not in _state_after_a_step(Network(LARGE_TABLE // 8 - 1))
    assert "table0.last" in _state_after_a_step(Network(LARGE_TABLE // 8))


def _state_after_a_step(network):
    train_network(optimizer := Optimizer(network, settings_of(), 10), network, range(1))
    return optimizer.state()


@pytest.mark.parametrize(("total", "warmup"), [(10, 0.0), (100, 0.1), (7, 0.5), (1, 0.1), (1, 0.9), (3, 0.99)])
def test_the_rate_rises_to_its_peak_and_falls_towards_zero(total, warmup):
    rates = learning_rates(total, 3e-5, warmup)
    peak = int(np.argmax(rates))
    assert rates.shape == (total,)
    assert (rates > 0).all()
    assert rates.max() <= 3e-5
    assert (np.diff(rates[: peak + 1]) > 0).all()
    assert (np.diff(rates[peak:]) < 0).all()
    if warmup * total == round(warmup * total):
        assert peak == warmup * total
        assert rates[peak] == pytest.approx(3e-5)
        assert rates[-1] == pytest.approx(3e-5 / (total - peak))  # the next step's would be zero


def test_the_rate_is_linear_on_either_side_of_the_peak():
    rates = learning_rates(100, 1.0, 0.2)
    assert rates[:21] == pytest.approx(np.arange(1, 22) / 21)
    assert rates[20:] == pytest.approx(np.arange(80, 0, -1) / 80)
