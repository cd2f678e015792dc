import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from multipress.compression.rebuild import lowerings, open_checkpoint
from multipress.compression.share_layers.apply import share_layers
from multipress.compression.share_layers.groups import layer_groups
from multipress.deployment.onnx_export import to_onnx
from multipress.model.bert import BertClassifier, BertConfig, Encoder
from multipress.model.build import computing_parameters
from tests.steps import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture
def deep():
    torch.manual_seed(0)
    shape = {"vocab_size": 60, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    dropouts = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return BertClassifier(BertConfig(num_hidden_layers=5, **shape, **dropouts)).double()


def unshared(model):
    """A model of as many layers, each with weights of its own, which are those of the shared ones."""
    copied = copy.deepcopy(model)
    copied.bert.encoder = Encoder(copy.deepcopy(layer) for layer in model.bert.encoder.layers)
    return copied


@pytest.mark.parametrize(
    ("layers", "groups", "expected"),
    [(12, 3, [0] * 4 + [1] * 4 + [2] * 4), (5, 2, [0, 0, 0, 1, 1]), (3, 1, [0, 0, 0]), (4, 3, [0, 0, 1, 2])],
)
def test_neighbours_are_one_group(layers, groups, expected):
    assert layer_groups(layers, groups) == expected


@pytest.mark.parametrize("groups", [0, 4, 5])
def test_as_many_groups_as_layers_are_refused(groups):
    with pytest.raises(ValueError, match=f"makes {groups} groups of layers, but the parent has 4 layers"):
        layer_groups(4, groups)


def test_a_group_starts_with_the_mean_of_its_layers_or_its_first_one(deep):
    first, mean = copy.deepcopy(deep), copy.deepcopy(deep)
    assert share_layers(first, 2, "first") == share_layers(mean, 2, "mean") == [0, 0, 0, 1, 1]
    before = [dict(layer.named_parameters()) for layer in deep.bert.encoder.layers]
    for number, members in enumerate([(0, 1, 2), (3, 4)]):
        for name, parameter in mean.bert.encoder.layer[number].named_parameters():
            expected = sum(before[member][name] for member in members) / len(members)
            assert torch.allclose(parameter, expected, atol=1e-12), name
            assert torch.equal(first.bert.encoder.layer[number].get_parameter(name), before[members[0]][name])


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_shared_model_computes_what_copied_layers_do_and_sums_their_gradients(deep, groups):
    of_layers = share_layers(deep, groups, "mean")
    copied = unshared(deep)
    ids = torch.randint(5, 60, (4, 9))
    logits, expected = deep(ids), copied(ids)
    assert torch.equal(logits, expected)
    for result in (logits, expected):
        (result**2).sum().backward()
    for number, layer in enumerate(deep.bert.encoder.layer):
        members = [own for own, group in zip(copied.bert.encoder.layer, of_layers, strict=True) if group == number]
        for name, parameter in layer.named_parameters():
            gradient = sum(member.get_parameter(name).grad for member in members)
            assert torch.allclose(parameter.grad, gradient, rtol=1e-9, atol=1e-12), name


def test_shared_layers_are_there_once_and_compute_as_often_as_before(deep):
    computing, parameters = computing_parameters(deep), sum(map(torch.numel, deep.parameters()))
    layer = sum(map(torch.numel, deep.bert.encoder.layer[0].parameters()))
    share_layers(deep, 2, "mean")
    assert computing_parameters(deep) == computing
    assert sum(map(torch.numel, deep.parameters())) == parameters - 3 * layer
    assert sum(map(torch.numel, deep.state_dict().values())) == parameters - 3 * layer


@pytest.mark.parametrize("recipe", ["ft-s1", "ft-s2", "ft-s2-int8", "ft-s1-r50"])
def test_an_exported_model_holds_shared_weights_once(study, recipe):
    checkpoint = open_checkpoint(study.make(recipe))
    exported = to_onnx(checkpoint.model, {}, lowerings(checkpoint.steps))
    sizes = {tensor.name: onnx.numpy_helper.to_array(tensor).size for tensor in exported.graph.initializer}
    held = sum(size for name, size in sizes.items() if name.startswith("layer") and name.endswith(".weight"))
    # The graph's weights are matrices and those of norms.
    weights = [weight for name, weight in checkpoint.model.bert.encoder.named_parameters() if name.endswith(".weight")]
    assert held == sum(map(torch.numel, weights))


@pytest.mark.parametrize("recipe", ["ft-s1-int8", "ft-s2-int8", "ft-s2-ter"])
@pytest.mark.parametrize("products_of_uint8", [False, True])
def test_runtimes_multiply_integers_of_shared_layers_with_vnni_and_without(study, tmp_path, recipe, products_of_uint8):
    checkpoint = open_checkpoint(study.make(recipe))
    path = tmp_path / "model.onnx"
    onnx.save(to_onnx(checkpoint.model, {}, lowerings(checkpoint.steps)), path)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    if products_of_uint8:  # as on CPUs without VNNI
        options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    feed = {each.name: np.ones((2, 8), np.int64) for each in session.get_inputs()}
    with torch.no_grad():
        expected = checkpoint.model(**{name: torch.from_numpy(value) for name, value in feed.items()})
    assert np.allclose(session.run(None, feed)[0], expected, atol=1e-3)
    graph = onnx.load(options.optimized_model_filepath).graph
    kinds = {each.name: each.data_type for each in graph.initializer}
    multiplied = [kinds.get(node.input[1]) for node in graph.node if node.op_type == "MatMulIntegerToFloat"]
    layers = checkpoint.model.config.num_hidden_layers
    assert len(multiplied) >= 4 * layers
    if recipe.endswith("int8"):
        assert set(multiplied) == {onnx.TensorProto.UINT8 if products_of_uint8 else onnx.TensorProto.INT8}
