import numpy as np
import pytest
import torch

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.apply import apply
from multipress.compression.quantize.learned_steps import GAIN, LearnedQuantizer
from multipress.compression.quantize.observed_ranges import least_error_range, percentile_range
from multipress.compression.quantize.rounding import ActivationQuantizer
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.step_work import StepWork
from multipress.training.batches import RowBatches, Rows
from multipress.training.loop import TrainingContext
from multipress.training.objectives import task_objective

CPU = torch.device("cpu")


def rounded(values, low, high, levels=255):
    scale = (high - low) / levels
    zero = np.round(-low / scale)
    return np.clip(np.round(values / scale), -zero, levels - zero) * scale


@pytest.mark.parametrize("percentile", [95.0, 99.5])
def test_a_percentile_range_leaves_that_share_of_values_beyond_each_end(percentile):
    values = torch.randn(200, 30, generator=torch.Generator().manual_seed(0))
    low, high = percentile_range(values, percentile)
    expected = np.percentile(values.numpy(), [100 - percentile, percentile])
    assert np.allclose([low, high], expected, atol=0.02)


def test_the_hundredth_percentile_is_from_end_to_end():
    values = torch.tensor([[-3.0, 0.5, 7.0]])
    assert [float(end) for end in percentile_range(values, 100.0)] == [-3.0, 7.0]


@pytest.mark.parametrize("features", [384, 1536])
def test_the_sample_of_a_large_batch_sees_every_feature(features):
    """With 384 features, a stride of 48 would see each 48th alone."""
    for feature in (0, 1, 100, features - 1):
        values = torch.zeros(32 * 60, features)
        values[:, feature] = 5.0
        assert float(percentile_range(values, 100.0)[1]) == 5.0


def test_the_range_of_least_error_is_near_the_best_of_all():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(40, 100, generator=generator) * 0.3
    values[0, :3] = torch.tensor([9.0, -4.0, 12.0])
    low, high = (float(end) for end in least_error_range(values, 255))
    array = values.numpy()

    def error(low, high):
        return np.square(rounded(array, low, high) - array).mean()

    candidates = [
        (float(array.min()) * a, float(array.max()) * b)
        for a in np.linspace(0.1, 1, 40)
        for b in np.linspace(0.05, 1, 40)
    ]
    best = min(error(*candidate) for candidate in candidates)
    assert error(low, high) <= 1.1 * best
    # Uniform values have no outliers to leave out.
    even = torch.linspace(-1, 1, 4096)[None]
    assert [float(end) for end in least_error_range(even, 255)] == [-1.0, 1.0]


def test_a_learned_step_has_the_gradients_of_lsq():
    quantizer = LearnedQuantizer(scheme_of(QuantizeSettings(activation_range="learned"), 8))
    quantizer.average.copy_(torch.tensor([-1.0, 2.0, 1.0]))
    quantizer.learn()
    values = torch.tensor([-4.0, -0.9013, 0.0004, 0.357, 1.911, 2.5], requires_grad=True)
    factors = torch.tensor([0.3, -1.0, 2.0, 0.7, 1.1, -0.4])
    (quantizer(values) * factors).sum().backward()

    scale, zero = (float(part) for part in quantizer.parameters_of_grid())
    logarithm = torch.zeros((), dtype=torch.float64, requires_grad=True)
    inputs = values.detach().double().requires_grad_()
    step = scale * torch.exp(GAIN * logarithm)
    places = (inputs / step).clamp(-zero, 255 - zero)
    places = places + (places.round() - places).detach()
    (places * step * factors.double()).sum().backward()
    assert torch.allclose(values.grad.double(), inputs.grad, atol=1e-6)
    size = (values.numel() * 255) ** 0.5
    assert float(quantizer.logarithm.grad) == pytest.approx(float(logarithm.grad) / size, rel=1e-4)
    assert float(quantizer.logarithm.grad) != 0


@pytest.fixture
def trained(model, tokens):
    """A function that takes settings to a model trained with them, and its training."""

    def make(**settings):
        batches = RowBatches(tokens, 8, 0, CPU, None)
        work = StepWork(
            QuantizeSettings(epochs=3, learning_rate=1e-3, **settings),
            8,
            batches,
            TrainingContext(CPU),
            task_objective("classification"),
        )
        apply(model, work)
        return model.eval()

    return make


def test_learned_ranges_end_in_what_a_checkpoint_holds(trained):
    names = {name.rpartition(".")[2] for name in trained(activation_range="learned").state_dict()}
    assert "logarithm" not in names
    assert "average" in names


def test_ranges_are_learned(trained, tokens):
    model = trained(activation_range="learned")
    batch = Rows(tokens, CPU).batch(np.arange(16))
    quantizers = [module for module in model.modules() if isinstance(module, LearnedQuantizer)]
    before = model(**batch.inputs)
    learned = [module.average.clone() for module in quantizers]
    # What ten batches asked for is weighted by 1; a factor for both ends is what training added.
    seen = {round(float(average[2]), 6) for average in learned}
    assert len(seen) == 1
    for module in quantizers:
        module.learn()
    again = model(**batch.inputs)
    assert torch.equal(before, again), "nothing learned yet: the factor is 1"
    with torch.no_grad():
        for module in quantizers:
            module.logarithm.fill_(0.1 / GAIN)
    other = model(**batch.inputs)
    for module in quantizers:
        module.settle()
    assert not torch.equal(before, other)
    assert torch.allclose(model(**batch.inputs), other, atol=1e-4)


def test_an_outlier_stretches_no_grid_of_percentiles():
    values = torch.randn(64, 128, generator=torch.Generator().manual_seed(0))
    values[0, 0] = 400.0
    steps = {}
    for kind in ("minmax", "percentile"):
        quantizer = ActivationQuantizer(scheme_of(QuantizeSettings(activation_range=kind, range_percentile=99.5), 8))
        quantizer(values)
        steps[kind] = float(quantizer.parameters_of_grid()[0])
    assert steps["minmax"] > 1.5
    assert steps["percentile"] < 0.1


def test_calibration_takes_all_but_learned_ranges(model, tokens):
    with pytest.raises(ValueError, match="nothing is learned after training"):
        CalibrateSettings(activation_range="learned")
    batches = [Rows(tokens, CPU).batch(np.arange(16))]
    scheme = scheme_of(CalibrateSettings(activation_range="percentile", range_percentile=99.0), 8)
    assert calibrate(model, scheme, batches) == 16
