"""The integer grid of weights against torchao, and against the formula in float64.

A weight w becomes q = clamp(round(w / scale)) and is used as q * scale. Round is to even and clamp to -127 … 127 here;
torchao clamps int8 to -128 … 127 and knows two symmetric scales, of which neither is always ours, largest |w| / 127:

* SYMMETRIC, its default: largest |w| / 127.5, half of the span of its integers. A different grid: only its relation to
  ours can be compared, and that our arithmetic gives torchao's integers when given torchao's scale.
* SYMMETRIC_NO_CLIPPING_ERR: the larger of max(w) / 127 and -min(w) / 128. In a row whose largest magnitude is positive
  that is our scale and -128 does not occur, so torchao's weights must be ours bit for bit. The other rows are the
  negative of such a row, and our quantizer is odd: the negative of a weight has the negative of its grid.
"""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torchao.quantization import Int8DynamicActivationIntxWeightConfig, IntxWeightOnlyConfig, PerAxis, quantize_
from torchao.quantization.quant_primitives import MappingType

from multipress.compression.quantize.layers import QUANTIZED, insert_quantizers, round_weights
from multipress.compression.quantize.rounding import WeightQuantizer
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.model.bert import BertClassifier, BertConfig

SHAPES = [(1, 1), (7, 5), (64, 96)]


def quantizer_for(weight, granularity):
    return WeightQuantizer(len(weight), scheme_of(QuantizeSettings(weight_granularity=granularity), 8).matrices)


def random_weight(shape):
    """Normal weights with rows of very different sizes, whose largest magnitudes are negative and positive."""
    generator = torch.Generator().manual_seed(shape[0])
    return torch.randn(shape, generator=generator) * torch.logspace(-3, 1, shape[0])[:, None]


def positive_peaks(weight):
    """The weight, with those rows negated whose largest magnitude is that of a negative number."""
    peaks = weight.gather(1, weight.abs().argmax(dim=1, keepdim=True))
    return weight * peaks.sign()


def convert(model, mapping):
    """Quantize a model's embeddings and ``bert`` linears with torchao, in place: 8-bit weights, one scale a row.

    ``quantize_`` silently leaves embeddings in float unless its filter names them, and the linears' config refuses
    them; theirs is the same grid without the activations.
    """
    rows = PerAxis(0)
    tables = IntxWeightOnlyConfig(weight_dtype=torch.int8, granularity=rows, mapping_type=mapping)
    linears = Int8DynamicActivationIntxWeightConfig(
        weight_dtype=torch.int8, weight_granularity=rows, weight_mapping_type=mapping
    )
    quantize_(model, tables, lambda module, name: isinstance(module, nn.Embedding))
    quantize_(model, linears, lambda module, name: isinstance(module, nn.Linear) and name.startswith("bert."))


def torchao_weight(weight, mapping):
    """torchao's quantized weight of a linear layer: ``qdata`` (rows, columns) in int8, ``scale`` (rows, 1)."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    layer.weight = nn.Parameter(weight.clone())
    holder = nn.ModuleDict({"bert": nn.ModuleDict({"layer": layer})})
    convert(holder, mapping)
    return layer.weight


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_with_a_positive_peak_are_torchaos_bit_for_bit(shape):
    weight = positive_peaks(random_weight(shape))
    quantizer = quantizer_for(weight, "channel")
    ours, theirs = quantizer(weight), torchao_weight(weight, MappingType.SYMMETRIC_NO_CLIPPING_ERR)
    assert torch.equal(quantizer.scale, theirs.scale[:, 0])
    assert torch.equal(ours, theirs.dequantize())
    assert theirs.qdata.min() >= -127
    assert (theirs.qdata.amax(dim=1) == 127).all()


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_negative_of_a_weight_has_the_negative_grid(shape, granularity):
    weight = random_weight(shape)
    assert torch.equal(quantizer_for(weight, granularity)(-weight), -quantizer_for(weight, granularity)(weight))


@pytest.mark.parametrize("shape", SHAPES)
def test_torchaos_default_scale_gives_torchaos_integers_but_its_lowest(shape):
    weight = random_weight(shape)
    theirs = torchao_weight(weight, MappingType.SYMMETRIC)
    quantizer = quantizer_for(weight, "channel")
    quantizer.observe(weight)
    assert torch.allclose(127 * quantizer.scale, 127.5 * theirs.scale[:, 0], rtol=1e-6, atol=0)
    quantizer.scale.copy_(theirs.scale[:, 0])
    expected = theirs.qdata.clamp(min=-127) * theirs.scale
    assert torch.equal(quantizer.eval()(weight), expected)


def test_every_quantized_layer_of_a_bert_has_torchaos_weights():
    torch.manual_seed(0)
    model = BertClassifier(
        BertConfig(vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.copy_(positive_peaks(parameter))
    peer = copy.deepcopy(model)
    convert(peer, MappingType.SYMMETRIC_NO_CLIPPING_ERR)
    insert_quantizers(model, scheme_of(QuantizeSettings(weight_granularity="channel"), 8))
    round_weights(model)
    theirs = {name: value for name, value in peer.named_parameters() if hasattr(value, "qdata")}
    assert set(theirs) == {f"{name}.weight" for name, layer in model.named_modules() if isinstance(layer, QUANTIZED)}
    for name, value in theirs.items():
        assert torch.equal(model.get_parameter(name), value.dequantize()), name


@pytest.mark.parametrize("bits", [2, 4, 8, 16])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_scale_a_tensor_follows_the_formula_in_float64(shape, bits):
    weight = random_weight(shape)
    exact, limit = weight.numpy().astype(np.float64), 2 ** (bits - 1) - 1
    scale = np.abs(exact).max() / limit
    quantizer = WeightQuantizer(len(weight), scheme_of(QuantizeSettings(weight_granularity="tensor"), bits).matrices)
    ours = quantizer(weight).numpy().astype(np.float64)
    assert float(quantizer.scale) == pytest.approx(scale, rel=1e-7)
    # float32 may round a weight to the other side where it lies halfway between two integers, and there alone
    halfway = np.abs(exact / scale % 1 - 0.5) < 3e-7 * limit
    expected = scale * np.clip(np.rint(exact / scale), -limit, limit)
    assert np.allclose(ours[~halfway], expected[~halfway], rtol=1e-6, atol=0)
    assert halfway.mean() < 0.05


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_a_stored_scale_rounds_halves_to_even_and_clips_both_sides_alike(granularity):
    weight = torch.arange(-300, 300.5, 0.5)[None]
    quantizer = quantizer_for(weight, granularity).eval()
    quantizer.scale.fill_(1.0)
    assert np.array_equal(quantizer(weight).numpy(), np.rint(weight.numpy()).clip(-127, 127))
