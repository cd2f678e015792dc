"""Models with fewer heads or neurons: ragged ones, what files say of them, and what is refused."""

import copy
import json
import shutil

import numpy as np
import onnx
import pytest
import torch
import torch_pruning
from transformers import AutoModelForSequenceClassification

from multipress.compression import recipes
from multipress.compression.planned_size import planned_size
from multipress.compression.rebuild import load_model, lowerings, open_checkpoint
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.packed_models import load_packed, pack_checkpoint
from multipress.evaluation.paper_size import paper_mb
from multipress.model.bert import BertClassifier, BertConfig
from multipress.model.layer_parts import keep_heads, neurons_of
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Rows
from tests import steps
from tests.steps import Study

TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)
SHAPE = steps.SHAPE | {"heads": 4, "feed_forward": 40}
SIZE = planned_size(ArchitectureSpec(**SHAPE), len(steps.WORDS))
RAGGED = ["ft-h50", "ft-f30", "kd-l2-h50-f75-mp50-int8", "ft-h25-f30-bin", "ft-h50-f75-ter", "fkd-h50-ptq8"]


def study_of(folder, **settings):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "SHAPE", SHAPE)
        study = Study(folder / "study", dict.fromkeys(("prune_heads", "prune_neurons"), settings))
        for start in ("ft", "kd"):
            study.make(start)
        study.make("fkd")
    return study


@pytest.fixture(scope="module")
def ragged(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("ragged"), scope="global")


@pytest.fixture(scope="module")
def even(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("even"))


@pytest.fixture(scope="module")
def batch(ragged):
    return Rows(read_tokens(ragged.folder / "train.arrow"), torch.device("cpu")).batch(np.arange(24))


def logits(model, batch):
    with torch.inference_mode():
        return model(**batch.inputs)


def shapes(model):
    """Heads and neurons of each layer."""
    layers = model.bert.encoder.layers
    return [layer.attention.self.heads for layer in layers], [layer.output.dense.in_features for layer in layers]


@pytest.mark.parametrize("recipe", RAGGED)
def test_ragged_models_are_stored_packed_counted_and_exported_as_they_are(ragged, batch, recipe, tmp_path):
    checkpoint = open_checkpoint(ragged.make(recipe))
    model = checkpoint.model
    if "l2" not in recipe:
        assert any(len(set(counts)) > 1 for counts in shapes(model))
    expected = logits(model, batch)
    pack_checkpoint(checkpoint.folder, TEXT, tmp_path / "packed.safetensors")
    assert torch.equal(logits(load_packed(tmp_path / "packed.safetensors")[0], batch), expected)
    exported = to_onnx(model, metadata(model.config, TEXT), lowerings(checkpoint.steps))
    onnx.save(exported, tmp_path / "model.onnx")
    found = OnnxModel(tmp_path / "model.onnx", 1)(**batch.inputs)
    span = float(expected.max() - expected.min())
    assert float((found - expected).abs().max()) < (1e-5 if checkpoint.steps.bits == 32 else 0.03 * span)
    planned = recipes.planned(SIZE, recipe)
    assert sum(weight.numel() for weight in model.bert.parameters()) == planned.parameters
    weights = {tensor.name: tensor.dims for tensor in exported.graph.initializer if len(tensor.dims) == 2}
    if recipe == "ft-f30":
        wide = [layer.output.dense.in_features for layer in model.bert.encoder.layers]
        assert [weights[f"layer{number}.wide.weight"] for number in range(3)] == [[16, count] for count in wide]


def test_fewer_heads_take_away_as_many_bytes(even):
    sizes = {recipe: paper_mb(*_opened(even, recipe)) for recipe in ("ft", "ft-h50", "ft-h50-f75")}
    halves, quarters = 3 * (4 * 16 * 8 + 3 * 8), 3 * (2 * 16 * 30 + 30)
    assert (sizes["ft"] - sizes["ft-h50"]) * 1e6 == pytest.approx(4 * halves)
    assert (sizes["ft-h50"] - sizes["ft-h50-f75"]) * 1e6 == pytest.approx(4 * quarters)


def _opened(study, recipe):
    checkpoint = open_checkpoint(study.make(recipe))
    return checkpoint.model, checkpoint.steps


@pytest.mark.parametrize("recipe", ["ft-f50", "kd-f75", "ft-l2-f30", "ft-f50-mp50"])
def test_as_many_neurons_in_each_layer_are_a_plain_bert(even, batch, recipe):
    folder = even.make(recipe)
    config = read_json(folder / "config.json")
    assert config["intermediate_size"] == {"50": 20, "75": 10, "30": 28}[recipe.split("-f")[1][:2]]
    assert all(step["structure"] is None for step in read_json(folder / "steps.json")["steps"])
    loaded = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        found = loaded(**batch.inputs).logits
    assert torch.allclose(found, logits(load_model(folder), batch), atol=1e-5)


def test_steps_name_the_heads_that_stay_and_the_neurons_of_each_layer(ragged, even):
    heads, neurons = (read_json(ragged.make(f"ft-{step}") / "steps.json")["steps"][-1] for step in ("h50", "f30"))
    kept = heads["structure"]["heads"]
    assert sum(map(len, kept)) == 6
    assert all(sorted(set(layer)) == layer and set(layer) <= set(range(4)) and layer for layer in kept)
    assert sum(neurons["structure"]["neurons"]) == 3 * 28
    assert (heads["sparsity"], heads["bits"]) == (0.0, 32)
    kept = read_json(even.make("ft-h50") / "steps.json")["steps"][-1]["structure"]["heads"]
    assert [len(layer) for layer in kept] == [2, 2, 2]


def test_the_settings_say_what_goes(even):
    before = read_json(even.make("ft-h50") / "steps.json")["steps"][-1]["structure"]
    other = even.apply("ft-h50", even.folder / "by_magnitude", importance="magnitude")
    assert read_json(other / "steps.json")["steps"][-1]["structure"] != before


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"heads": [[0, 1], [2, 3]]}, "argument 2 is shorter"),
        ({"heads": [[0, 9], [0, 1], [0, 1]]}, "out of"),
        ({"heads": [[], [0, 1], [0, 1]]}, ""),
        ({"neurons": [1, 2, 3]}, "'heads'"),
    ],
)
def test_steps_that_do_not_fit_the_model_are_refused(even, tmp_path, damage, reason):
    folder = shutil.copytree(even.make("ft-h50"), tmp_path / "model")
    steps_file = json.loads((folder / "steps.json").read_text())
    steps_file["steps"][-1]["structure"] = damage
    (folder / "steps.json").write_text(json.dumps(steps_file))
    with pytest.raises(UserError) as caught:
        open_checkpoint(folder)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_its_steps_a_model_with_fewer_heads_is_not_taken_for_a_plain_one(even, tmp_path):
    folder = shutil.copytree(even.make("ft-h50"), tmp_path / "model")
    (folder / "steps.json").unlink()
    with pytest.raises(UserError, match=r"query.weight has shape \(8, 16\), config.json wants \(16, 16\)"):
        open_checkpoint(folder)


def test_a_layer_of_one_head_loses_none(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "SHAPE", SHAPE | {"heads": 1})
        study = Study(tmp_path / "study")
        study.make("ft")
    with pytest.raises(UserError, match=r"^step h50 takes heads from layers that have one: use an architecture with"):
        study.make("ft-h50")
    assert study.make("ft-h0")


def test_slices_are_those_of_torch_pruning():
    torch.manual_seed(0)
    shape = {"vocab_size": 60, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 24}
    layer = BertClassifier(BertConfig(hidden_size=16, **shape)).bert.encoder.layers[0]
    peer = copy.deepcopy(layer)
    keep_heads(layer, [0, 3])
    neurons_of(layer).keep([2, 5, 7, 23])
    gone = [*range(4, 12)]  # heads 1 and 2, of four units each
    for name in ("query", "key", "value"):
        torch_pruning.prune_linear_out_channels(getattr(peer.attention.self, name), gone)
    torch_pruning.prune_linear_in_channels(peer.attention.output.dense, gone)
    gone = sorted(set(range(24)) - {2, 5, 7, 23})
    torch_pruning.prune_linear_out_channels(peer.intermediate.dense, gone)
    torch_pruning.prune_linear_in_channels(peer.output.dense, gone)
    assert layer.state_dict().keys() == peer.state_dict().keys()
    for name, tensor in layer.state_dict().items():
        assert torch.equal(tensor, peer.state_dict()[name]), name
