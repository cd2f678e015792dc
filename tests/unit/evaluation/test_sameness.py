"""Which models a runtime computes alike: read from models of every kind, and held to what runtimes make of them."""

import itertools

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from onnx import TensorProto, helper, numpy_helper

from multipress.compression.method import Group
from multipress.compression.rebuild import lowerings, open_checkpoint
from multipress.compression.registry import methods
from multipress.core.errors import UserError
from multipress.data.text_format import TextFormat
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import session_options
from multipress.deployment.openvino_model import leaves_zeros_out
from multipress.evaluation.latency import sameness
from multipress.evaluation.latency.graph_digest import graph_digest
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.sameness import alike, by_graph, by_graph_and_zeros, by_layers, by_layers_and_zeros
from multipress.model.layers import Linear
from tests.steps import Study

TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)
RECIPES = [
    *("ft", "kd", "ft-mp50", "kd-mp50", "ft-mp25", "ft-int8", "kd-int8", "ft-mp50-int8", "ft-int4", "ft-int16"),
    *("ft-ptq8", "ft-l1", "kd-l1", "ft-l2", "ft-r50", "kd-r50", "ft-r25", "ft-r50-int8", "kd-r50-mp50"),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


def made(study, recipes):
    """A model of each recipe, as its methods make it, and its ONNX file."""
    exported = study.folder / "onnx"
    exported.mkdir(exist_ok=True)
    for recipe in recipes:
        checkpoint = open_checkpoint(study.make(recipe))
        model = to_onnx(checkpoint.model, metadata(checkpoint.model.config, TEXT), lowerings(checkpoint.steps))
        onnx.save(model, exported / f"{recipe}.onnx")
    return Models(recipes, study.folder / "models", exported)


@pytest.fixture(scope="module")
def models(study):
    return made(study, RECIPES)


@pytest.fixture(scope="module")
def computations(models):
    return models.read_computations()


def together(computations, key):
    """The groups, each as its recipes, measured one first."""
    return {tuple(group) for group in alike(computations, key)}


def test_weights_alone_make_no_other_computation_and_precision_and_shape_do(computations):
    assert together(computations, by_graph) == {
        ("ft", "kd", "ft-mp50", "kd-mp50", "ft-mp25"),
        ("ft-int8", "kd-int8", "ft-mp50-int8", "ft-int4", "ft-ptq8"),
        ("ft-int16",),
        ("ft-l1", "kd-l1"),
        ("ft-l2",),
        ("ft-r50", "kd-r50", "kd-r50-mp50"),
        ("ft-r25",),
        ("ft-r50-int8",),
    }


STEPS = {
    method.name: method.prefix + (str(method.argument.example) if method.argument else "")
    for method in methods().values()
    if method.group not in (Group.START, Group.EXIT) and method.name != "learn_gates"
}
"""A step of each method that the registry finds, whoever added it.

Models with exits are like no others, and learned gates give each model shapes of its own.
"""


@pytest.mark.parametrize("method", STEPS)
def test_a_step_of_any_method_makes_the_same_computation_of_other_weights(study, method):
    found = made(study, [f"{start}-{STEPS[method]}" for start in ("ft", "kd")]).read_computations()
    for key in (by_graph, by_layers):
        assert len(alike(found, key)) == 1


def test_where_zeros_are_left_out_their_number_counts(computations):
    floats = {recipe: found for recipe, found in computations.items() if found.is_float and "-l" not in recipe}
    assert together(floats, by_graph_and_zeros) == together(floats, by_layers_and_zeros)
    assert together(floats, by_layers_and_zeros) == {
        ("ft", "kd"),
        ("ft-mp50", "kd-mp50"),
        ("ft-mp25",),
        ("ft-r50", "kd-r50"),
        ("ft-r25",),
        ("kd-r50-mp50",),
    }


def test_pytorch_computes_alike_what_has_the_same_layers(computations):
    floats = {recipe: found for recipe, found in computations.items() if found.is_float}
    assert together(floats, by_layers) == {
        ("ft", "kd", "ft-mp50", "kd-mp50", "ft-mp25"),
        ("ft-l1", "kd-l1"),
        ("ft-l2",),
        ("ft-r50", "kd-r50", "kd-r50-mp50"),
        ("ft-r25",),
    }
    assert [recipe for recipe, found in floats.items() if found.is_pruned] == [r for r in floats if "mp" in r]


class SlowLinear(Linear):
    """A layer of another method, which exports like any other."""


def test_layers_of_another_class_are_another_computation_in_pytorch(models):
    model = open_checkpoint(models.checkpoints / "ft").model
    before = sameness._layers(model)
    model.bert.encoder.layer[0].output.dense.__class__ = SlowLinear
    assert sameness._layers(model) != before


def optimized(path, folder):
    """The operators that onnxruntime executes, in order."""
    options, file = session_options(1), folder / f"optimized-{path.name}"
    options.optimized_model_filepath = str(file)
    onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    return [(node.domain, node.op_type) for node in onnx.load(file).graph.node]


def primitives(path):
    """The kernels that OpenVINO executes, in order."""
    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = [node.get_rt_info() for node in compiled.get_runtime_model().get_ordered_ops()]
    return sorted((node["layerType"].astype(str), node["primitiveType"].astype(str)) for node in found)


def test_runtimes_make_the_same_of_what_is_called_alike(models, computations, tmp_path):
    assert not leaves_zeros_out()
    for measured, *others in alike(computations, by_graph):
        paths = [models.onnx / f"{recipe}.onnx" for recipe in (measured, *others[-2:])]
        assert len({str(optimized(path, tmp_path)) for path in paths}) == 1
        assert len({str(primitives(path)) for path in paths}) == 1


def graph(*nodes, constants=(), output="y"):
    """A model of one float input ``x`` of shape (rows, 2)."""
    made = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 2])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.array(values), name) for name, values in dict(constants).items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def digest(model, folder, numbers=itertools.count()):  # noqa: B008, one counter for all
    path = folder / f"{next(numbers)}.onnx"
    onnx.save(model, path)
    return graph_digest(path)


def scaled(weight, name="w", node="Mul", output="y"):
    return graph(helper.make_node(node, ["x", name], [output]), constants={name: weight}, output=output)


HALVES = np.full((1, 2), 0.5, np.float32)


@pytest.mark.parametrize("other", [scaled(0 * HALVES), scaled(HALVES, name="weight", output="logits")])
def test_neither_weights_nor_names_count(other, tmp_path):
    assert digest(other, tmp_path) == digest(scaled(HALVES), tmp_path)


@pytest.mark.parametrize(
    "other",
    [
        scaled(np.full((2,), 0.5, np.float32)),
        scaled(HALVES, node="Add"),
        graph(helper.make_node("Mul", ["w", "x"], ["y"]), constants={"w": HALVES}),
        graph(helper.make_node("Mul", ["x", "x"], ["y"])),
    ],
)
def test_shapes_operators_and_what_they_take_count(other, tmp_path):
    assert digest(other, tmp_path) != digest(scaled(HALVES), tmp_path)


def test_precision_attributes_and_integers_that_are_shapes_count(tmp_path):
    ends = [graph(helper.make_node("Slice", ["x", "z", "e"], ["y"]), constants={"z": [0], "e": [e]}) for e in (1, 2)]
    axes = [graph(helper.make_node("Softmax", ["x"], ["y"], axis=axis)) for axis in (0, 1)]
    types = [
        graph(helper.make_node("DequantizeLinear", ["w", "s"], ["y"]), constants={"w": weight, "s": np.float32(0.1)})
        for weight in (np.ones(2, np.int8), np.ones(2, np.uint8))
    ]
    for pair in (ends, axes, types):
        assert digest(pair[0], tmp_path) != digest(pair[1], tmp_path)


def branching(threshold, weight):
    """An exit: a product that is computed where the data says so."""
    more = helper.make_graph([helper.make_node("Mul", ["x", "w"], ["m"])], "more", [], [_float("m")])
    less = helper.make_graph([helper.make_node("Identity", ["x"], ["i"])], "less", [], [_float("i")])
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["top"], keepdims=0),
        helper.make_node("Greater", ["top", "t"], ["sure"]),
        helper.make_node("If", ["sure"], ["y"], then_branch=less, else_branch=more),
    ]
    return graph(*nodes, constants={"t": np.float32(threshold), "w": weight})


def selecting(weight):
    """Rows that the data chooses."""
    nodes = [
        helper.make_node("Mul", ["x", "w"], ["m"]),
        helper.make_node("Cast", ["m"], ["b"], to=TensorProto.BOOL),
        helper.make_node("NonZero", ["b"], ["n"]),
        helper.make_node("Cast", ["n"], ["y"], to=TensorProto.FLOAT),
    ]
    return graph(*nodes, constants={"w": weight})


def _float(name):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (branching(0.5, HALVES), branching(0.9, HALVES)),
        (branching(0.5, HALVES), branching(0.5, 2 * HALVES)),
        (selecting(HALVES), selecting(0 * HALVES)),
    ],
)
def test_where_the_data_decides_the_work_weights_count(one, other, tmp_path):
    assert digest(one, tmp_path) != digest(other, tmp_path)
    assert digest(one, tmp_path) == digest(one, tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 50])
def test_a_missing_or_damaged_model_is_named_in_one_line(content, tmp_path):
    path = tmp_path / "kd-int8.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"kd-int8\.onnx is missing or no intact ONNX model") as caught:
        graph_digest(path)
    assert "\n" not in str(caught.value)


def test_the_first_of_a_group_is_measured_and_groups_keep_the_order(computations):
    chosen = {recipe: computations[recipe] for recipe in ("kd", "ft-int8", "ft", "kd-int8")}
    assert alike(chosen, by_graph) == [["kd", "ft"], ["ft-int8", "kd-int8"]]


def test_shared_layers_are_computed_as_often_as_others(study):
    models = made(study, ["ft-l1", "ft-s1", "ft-s2"])
    computations = models.read_computations()
    for key in (by_graph, by_layers):
        assert together(computations, key) == {("ft-l1",), ("ft-s1",), ("ft-s2",)}
