import copy

import numpy as np
import torch

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.layers import QuantizedLinear
from multipress.compression.quantize.scheme import scheme_of
from multipress.model.build import new_classifier
from multipress.model.layers import Dropout
from multipress.training.batches import Rows
from tests.unit.conftest import VOCABULARY
from tests.unit.deployables import logits

SCHEME = scheme_of(CalibrateSettings(), 8)


def batches(tokens):
    rows = Rows(tokens, torch.device("cpu"))
    return [rows.batch(np.arange(first, first + 32)) for first in (0, 32, 64)]


def test_a_range_is_the_mean_of_the_batches_extremes(model, tokens):
    seen = []
    float_model = copy.deepcopy(model).eval()
    float_model.bert.pooler.dense.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    for batch in batches(tokens):
        logits(float_model, batch)
    lows, highs = zip(*((min(float(x.min()), 0), max(float(x.max()), 0)) for x in seen), strict=True)
    calibrate(model, SCHEME, batches(tokens))
    average = model.bert.pooler.dense.input_quantizer.average
    # Not equal: the layers before it compute with rounded numbers.
    assert np.allclose(average[:2] / average[2], [np.mean(lows), np.mean(highs)], rtol=0.05)


def test_dropout_does_not_disturb_the_ranges_and_stays_in_the_configuration(shape, task, tokens):
    torch.manual_seed(0)
    model = new_classifier(shape, VOCABULARY, task, dropout=0.5)
    other = copy.deepcopy(model)
    for module in other.modules():
        if isinstance(module, Dropout):
            module.probability = 0.0
    for one in (model, other):
        calibrate(one, SCHEME, batches(tokens))
    assert model.config.hidden_dropout_prob == 0.5
    for ours, theirs in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-5)


def test_weights_are_rounded_and_nothing_else_moves(model, tokens):
    before = copy.deepcopy(model)
    calibrate(model, SCHEME, batches(tokens))
    for name, module in model.named_modules():
        if isinstance(module, QuantizedLinear):
            original = before.get_submodule(name)
            assert torch.equal(module.bias, original.bias)
            assert (module.weight - original.weight).abs().max() <= module.weight_quantizer.scale / 2 + 1e-7
    assert torch.equal(model.classifier.weight, before.classifier.weight)


def test_eight_bits_keep_the_logits(model, tokens):
    batch = batches(tokens)[0]
    before = logits(model.eval(), batch)
    calibrate(model, SCHEME, batches(tokens))
    after = logits(model.eval(), batch)
    assert 0 < (before - after).abs().max() < 0.1 * (before.max() - before.min())
