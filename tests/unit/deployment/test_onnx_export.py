import importlib.util

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import INPUTS, metadata
from multipress.deployment.onnxruntime_model import OnnxModel, session_options, sums_saturate
from multipress.model.build import new_classifier
from multipress.training.batches import Rows
from multipress.training.inference import compute_logits, logits_in_batches
from tests.unit.conftest import VOCABULARY
from tests.unit.deployables import RECIPES, TEXT, logits, make

CPU = torch.device("cpu")


@pytest.fixture
def pairs(tokens):
    """The rows as pairs of texts."""
    return Tokens(tokens.ids, tokens.offsets, tokens.first_lengths // 2, tokens.labels, tokens.idx)


@pytest.fixture
def batch(pairs):
    """Rows of several lengths, padded."""
    return Rows(pairs, CPU).batch(np.arange(32))


@pytest.fixture
def exported(model, pairs, tmp_path):
    """A function that exports a recipe's model, calibrated on other rows; returns it, the exported one and its file."""

    def write(recipe="ft-mp60-int8", granularity="tensor", source=model, activations="affine"):
        made, _ = make(source, recipe, [Rows(pairs, CPU).batch(np.arange(32, 96))], granularity, activations)
        path = tmp_path / f"{recipe}.onnx"
        onnx.save(to_onnx(made, metadata(made.config, TEXT)), path)
        return made, OnnxModel(path), path

    return write


def gap(ours, theirs):
    return float((ours - theirs).abs().max() / (ours.max() - ours.min()))


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_exported_model_has_the_logits_of_the_fake_quantized_one(exported, batch, recipe, granularity):
    made, deployed, path = exported(recipe, granularity)
    onnx.checker.check_model(path, full_check=True)
    assert gap(logits(made, batch), deployed(**batch.inputs)) < 0.01
    assert deployed.config == made.config
    assert deployed.text == TEXT


@pytest.mark.parametrize("recipe", ["ft-int8", "ft-int4", "ft-mp60-int16"])
def test_symmetric_activations_are_exported_with_their_zero_in_the_middle(exported, batch, recipe):
    made, deployed, path = exported(recipe, activations="symmetric")
    assert gap(logits(made, batch), deployed(**batch.inputs)) < 0.01
    stored = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}
    points = {int(value) for name, value in stored.items() if name.endswith(".zero_point")}
    assert points == {2**15 if recipe.endswith("16") else 2**7}


def test_one_row_without_padding_or_segments_has_its_logits(exported, tokens):
    made, deployed, _ = exported()
    batch = Rows(tokens, CPU).batch(np.arange(1))
    assert batch.attention_mask is None
    assert batch.token_type_ids is None
    assert torch.allclose(deployed(**batch.inputs), logits(made, batch), atol=1e-3)


@pytest.mark.parametrize("size", [1, 7, 96])
def test_rows_get_the_bits_that_batches_of_pytorch_get(exported, pairs, size):
    deployed = exported("ft")[1]
    assert np.array_equal(deployed.logits(pairs, size), logits_in_batches(deployed, 2, pairs, size, CPU))


def test_regression_has_one_output(exported, shape, batch):
    torch.manual_seed(1)
    regressor = new_classifier(shape, VOCABULARY, PreparedTask(kind="regression", labels=None), dropout=0.0)
    made, deployed, _ = exported("ft-int8", source=regressor)
    assert deployed(**batch.inputs).shape == (32, 1)
    assert gap(logits(made, batch), deployed(**batch.inputs)) < 0.01


@pytest.mark.parametrize("recipe", ["ft", "ft-int8", "ft-mp60-ptq8"])
def test_predictions_depend_neither_on_a_rows_neighbours_nor_on_padding(exported, tokens, recipe):
    made, deployed, _ = exported(recipe)
    alone, together = (deployed.logits(tokens, size) for size in (1, 96))
    assert np.abs(alone - together).max() <= 0.01 * np.ptp(alone)
    assert np.abs(together - compute_logits(made, tokens, 96, CPU)).max() <= 0.01 * np.ptp(alone)
    assert np.array_equal(alone.argmax(1), together.argmax(1))


@pytest.mark.parametrize(("recipe", "kind"), [("ft-int8", np.int8), ("ft-int4", np.int8), ("ft-int16", np.int16)])
def test_weights_are_stored_as_integers(exported, recipe, kind):
    made, _, path = exported(recipe)
    stored = [onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer]
    integers = sum(array.size for array in stored if array.dtype == kind and array.ndim == 2)
    linears = sum(p.numel() for name, p in made.named_parameters() if p.ndim == 2 and name != "classifier.weight")
    assert integers == linears
    assert not [array for array in stored if array.dtype == np.float32 and array.size > 100]


@pytest.mark.parametrize("activations", ["affine", "symmetric"])
def test_products_are_those_of_integers_where_onnxruntime_runs_them(exported, tmp_path, activations):
    path = exported("ft-int8", activations=activations)[2]
    options = session_options(threads=1)
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    operators = [node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node]
    # Two layers of four products each, one more where the last one's query is apart, and the pooler.
    assert operators.count("MatMulIntegerToFloat") == 2 * 4 + 1 + 1


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        (["avx2"], True),
        (["avx2", "avx512_bf16"], True),
        (["avx2", "avx512_vnni"], False),
        (["avx2", "avx_vnni"], False),
        (["avx2", "amx_int8"], False),
        (None, True),
    ],
)
def test_cpus_that_add_products_in_32_bits_need_no_slower_ones(instructions, expected):
    assert sums_saturate(instructions) == expected


@pytest.mark.skipif(not importlib.util.find_spec("openvino"), reason="openvino is not installed")
@pytest.mark.parametrize("activations", ["affine", "symmetric"])
@pytest.mark.parametrize("recipe", ["ft", "ft-int8", "ft-mp60-ptq8"])
def test_openvino_runs_the_same_file(exported, batch, recipe, activations):
    import openvino

    made, _, path = exported(recipe, activations=activations)
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    fed = {name: value.numpy().astype(np.int64) for name, value in batch.inputs.items()}
    result = torch.from_numpy(compiled([fed[name] for name in INPUTS])[0])
    # On CPUs without VNNI its products of 8-bit integers saturate, and no option prevents it.
    assert gap(logits(made, batch), result) < 0.05


def test_a_weight_off_its_grid_is_not_exported(model, batch):
    made, _ = make(model, "ft-int8", [batch])
    made.bert.pooler.dense.weight.data[0, 0] += 1e-3
    with pytest.raises(UserError, match="pooler does not lie on its grid of 8 bits"):
        to_onnx(made, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "missing or no intact ONNX model"), (b"ONNX", "no intact ONNX model"), ("foreign", "from elsewhere")],
)
def test_a_file_that_is_no_exported_model_is_refused(exported, content, message):
    path = exported()[2]
    if content == "foreign":
        model = onnx.load(path)
        del model.metadata_props[:]
        onnx.save(model, path)
    elif content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        OnnxModel(path)
    assert "\n" not in str(caught.value)
