"""Exported binary and ternary models: their bytes, and that runtimes compute with them as with integers of 8 bits."""

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.scheme import BINARY, TERNARY, scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.data.prepared import PreparedTask
from multipress.deployment import onnx_bytes
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_graph import OnnxGraph
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.openvino_model import OpenVinoModel
from multipress.model.build import new_classifier
from multipress.model.shape import ArchitectureSpec
from tests.unit.deployables import TEXT

SHAPE = ArchitectureSpec(layers=2, hidden=72, heads=2, feed_forward=136)
"""Columns that fill whole bytes neither by eight nor by five everywhere."""


@pytest.fixture(scope="module")
def ids():
    torch.manual_seed(3)
    return torch.randint(5, 300, (6, 11))


def model(bits, ids, shape=SHAPE, **settings):
    torch.manual_seed(0)
    made = new_classifier(shape, 301, PreparedTask(kind="classification", labels=["a", "b"]), dropout=0.0)
    insert_quantizers(made, scheme_of(QuantizeSettings(**settings), bits))
    made.train()(ids)
    round_weights(made)
    return made.eval()


def as_int8(graph, name, integers, bits):
    return graph.constant(name, integers)


def rows_of_int8(graph, name, integers, bits, ids):
    return graph.add("Gather", graph.constant(name, integers), ids)


@pytest.mark.parametrize("runtime", [OnnxModel, OpenVinoModel])
@pytest.mark.parametrize("bits", [TERNARY, BINARY])
def test_the_logits_are_those_of_the_same_integers_in_eight_bits(bits, runtime, ids, tmp_path, monkeypatch):
    made = model(bits, ids)
    onnx.save(to_onnx(made, metadata(made.config, TEXT)), tmp_path / "bytes.onnx")
    with monkeypatch.context() as patch:
        patch.setattr(onnx_bytes, "matrix", as_int8)
        patch.setattr(onnx_bytes, "rows", rows_of_int8)
        onnx.save(to_onnx(made, metadata(made.config, TEXT)), tmp_path / "int8.onnx")
    found, expected = (runtime(tmp_path / f"{name}.onnx")(ids) for name in ("bytes", "int8"))
    assert torch.equal(found, expected)
    with torch.inference_mode():
        assert float((found - made(ids)).abs().max()) < 0.03 * float(found.max() - found.min())


@pytest.mark.parametrize("bits", [TERNARY, BINARY])
def test_activations_by_token_are_exported_exactly(bits, ids, tmp_path):
    made = model(bits, ids, activation_range="token")
    onnx.save(to_onnx(made, metadata(made.config, TEXT)), tmp_path / "model.onnx")
    with torch.inference_mode():
        expected = made(ids)
    # A value between two steps may be rounded to either.
    assert float((OnnxModel(tmp_path / "model.onnx")(ids) - expected).abs().max()) < 0.02 * float(expected.abs().max())


@pytest.mark.parametrize(("bits", "most"), [(BINARY, 1.1), (TERNARY, 1.7)])
def test_a_quantized_weight_takes_little_more_than_its_bits(bits, most, ids):
    made = model(bits, ids, ArchitectureSpec(layers=2, hidden=256, heads=4, feed_forward=1024))
    exported = to_onnx(made, metadata(made.config, TEXT))
    quantized = sum(
        weight.numel()
        for name, weight in made.bert.named_parameters()
        if weight.ndim == 2 and "position" not in name and "type" not in name
    )
    rest = sum(weight.numel() * 4 for name, weight in made.named_parameters() if weight.ndim == 1)
    rest += sum(
        made.bert.embeddings.get_submodule(f"{name}_embeddings").weight.numel() for name in ("position", "token_type")
    )
    rest += made.classifier.weight.numel() * 4
    assert 8 * (exported.ByteSize() - rest) / quantized < most + 8 * 30_000 / quantized


@pytest.mark.parametrize(
    ("bits", "shape"), [(BINARY, (3, 5, 16)), (BINARY, (4, 9)), (TERNARY, (7,)), (TERNARY, (2, 10))]
)
def test_bytes_are_read_as_they_were_written(bits, shape):
    integers = np.random.default_rng(0).integers(-1, 2, shape).astype(np.int8)
    if bits == BINARY:
        integers[integers == 0] = 1
    graph = OnnxGraph()
    onnx_bytes.matrix(graph, "weight", integers, bits)
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.model({}, {}, {}).graph.initializer}
    assert tensors["weight"].size == -(-integers.size // (8 if bits == BINARY else 5))
    entries = tensors[f"entries_of_bytes_{bits}"][tensors["weight"]].ravel()[: integers.size]
    assert np.array_equal(entries.reshape(shape), integers)
