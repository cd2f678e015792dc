"""Integer weights against onnxruntime's own quantizer: the same scales, the same integers.

Comparable are the weights of linear layers: one scale a tensor, symmetric, 8 bits. Its ranges of activations are single
extremes, ours are averages.
"""

import copy

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.scheme import scheme_of
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import INPUTS, metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.training.batches import Rows
from tests.unit.deployables import TEXT, logits, make


class _Reader(CalibrationDataReader):
    def __init__(self, batches):
        self._fed = iter([{name: batch.inputs[name].numpy().astype(np.int64) for name in INPUTS} for batch in batches])

    def get_next(self):
        return next(self._fed, None)


@pytest.fixture
def batch(tokens):
    from multipress.data.tokens import Tokens

    pairs = Tokens(tokens.ids, tokens.offsets, tokens.first_lengths // 2, tokens.labels, tokens.idx)
    return Rows(pairs, torch.device("cpu")).batch(np.arange(32))


@pytest.fixture
def theirs(model, batch, tmp_path):
    """The float model, quantized by onnxruntime: the products' weights as int8, activations as uint8."""
    source, target = tmp_path / "float.onnx", tmp_path / "theirs.onnx"
    onnx.save(to_onnx(model.eval(), metadata(model.config, TEXT)), source)
    quantize_static(
        source,
        target,
        _Reader([batch]),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )
    return target


def test_onnxruntimes_quantizer_gives_the_same_integers(model, batch, theirs):
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(theirs).graph.initializer}
    made, _ = make(model, "ft-ptq8", [batch])
    # Query, key and value are one product in the export, hence one scale there; these have one of their own.
    for name, layer in [
        ("layer0.wide", made.bert.encoder.layer[0].intermediate.dense),
        ("layer1.output", made.bert.encoder.layer[1].output.dense),
        ("layer0.attention", made.bert.encoder.layer[0].attention.output.dense),
    ]:
        scale = layer.weight_quantizer.scale
        assert stored[f"{name}.weight_scale"] == pytest.approx(float(scale), rel=1e-6)
        ours = torch.round(layer.weight.detach() / scale).numpy().astype(np.int8)
        assert np.array_equal(stored[f"{name}.weight_quantized"].T, ours)


def test_both_quantized_models_are_as_near_to_the_float_one(model, batch, theirs, tmp_path):
    expected = logits(model.eval(), batch)
    made = copy.deepcopy(model)
    calibrate(made, scheme_of(CalibrateSettings(), 8), [batch])
    made.eval()
    path = tmp_path / "ours.onnx"
    onnx.save(to_onnx(made, metadata(made.config, TEXT)), path)
    ours, other = ((OnnxModel(file)(**batch.inputs) - expected).abs().mean() for file in (path, theirs))
    assert ours < 1.5 * other
