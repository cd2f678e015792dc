"""What every method must keep, whoever adds it: found by the registry, alone and together with the others."""

from itertools import combinations
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
import yaml
from transformers import AutoModelForSequenceClassification

from multipress.compression import recipes
from multipress.compression.implementations import settings_class
from multipress.compression.method import Group
from multipress.compression.planned_size import paper_mb as planned_mb
from multipress.compression.planned_size import planned_size
from multipress.compression.quantize.rounding import ActivationQuantizer
from multipress.compression.rebuild import load_model, lowerings, open_checkpoint
from multipress.compression.registry import has, methods
from multipress.core.errors import Interrupted
from multipress.core.files import read_json
from multipress.core.tensor_files import read_tensors
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.packed_models import load_packed, pack_checkpoint
from multipress.evaluation.paper_size import paper_mb
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Rows
from multipress.training.history import History
from tests.steps import SHAPE, WORDS, Study, recipe_of, sigterm_at, step_of

ROOT = Path(__file__).parents[3]
METHODS = methods()
TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)
SIZE = planned_size(ArchitectureSpec(**SHAPE), len(WORDS))


def meet(one, other):
    """Whether a recipe may have steps of both methods."""
    one, other = METHODS[one], METHODS[other]
    if one.name in other.refuses or other.name in one.refuses:
        return False
    return one.group != other.group or (one.group == Group.STRUCTURE and one.rank != other.rank)


def pairs_in(chain):
    return set(combinations(sorted(chain, key=LATER.index), 2))


def chains(longest=5):
    """Few lists of methods, in which each two that may meet do."""
    left = {pair for pair in combinations(LATER, 2) if meet(*pair)}
    while left:
        chain = list(next(pair for pair in combinations(LATER, 2) if pair in left))
        while len(chain) < longest:
            others = [each for each in LATER if each not in chain and all(meet(each, one) for one in chain)]
            gains = {each: len(left & pairs_in([*chain, each])) - len(left & pairs_in(chain)) for each in others}
            if not any(gains.values()):
                break
            chain.append(max(gains, key=gains.get))
        left -= pairs_in(chain)
        yield sorted(chain, key=LATER.index)


LATER = [name for name, method in METHODS.items() if method.group != Group.START]
ALONE = [recipe_of(method) for method in METHODS.values()]
CHAINS = ["-".join(["ft", *(step_of(METHODS[name]) for name in chain)]) for chain in chains()]
PAIRS = {recipe.rsplit("-", left)[0]: None for recipe in CHAINS for left in range(recipe.count("-") - 1)}
"""Each method somewhere after each that may come before it; what ends with a method has none that comes later, so that
models of floats are held to what holds of floats."""
CONTROLS = [f"ft-{method.prefix}{method.control}" for method in METHODS.values() if method.control is not None]
TOGETHER = ["kd-l2-r50-mp50-int8", "ft-l1-r30-int4", *PAIRS, *CONTROLS, "kd-mp0-int8", "ft-mp50-int32"]
TOGETHER += ["ft-int8-mp50", "kd-l2-int4-mp50", "kd-l2-h50-f75-r50-mp50-int8", "ft-h50-f30-bin", "fkd-h50-f30-ter"]
TOGETHER += [f"{start}8-{step}" for start in ("bilstm", "cnn") for step in ("int8", "ptq8", "int4", "ter", "bin")]
PLAIN = [recipe_of(method) for method in METHODS.values() if not has(method.name, "structure")]
"""Those that any BERT can hold."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture(scope="module")
def symmetric(tmp_path_factory):
    changes = {method: {"activation_scheme": "symmetric"} for method in ("quantize", "calibrate")}
    return Study(tmp_path_factory.mktemp("symmetric") / "study", changes)


@pytest.fixture(scope="module")
def batch(study):
    return Rows(read_tokens(study.folder / "train.arrow"), torch.device("cpu")).batch(np.arange(24))


def logits(model, batch):
    with torch.inference_mode():
        return model(**batch.inputs)


@pytest.mark.parametrize("recipe", [*ALONE, *TOGETHER])
def test_a_checkpoint_rebuilds_its_model(study, batch, recipe):
    checkpoint = open_checkpoint(study.make(recipe))
    assert [step.name for step in checkpoint.steps.steps] == recipe.split("-")
    assert checkpoint.steps.bits == recipes.bits(recipe)
    assert checkpoint.steps.sparsity == recipes.sparsity(recipe)
    state = read_tensors(checkpoint.folder / "model.safetensors")
    assert checkpoint.model.state_dict().keys() == state.keys()
    found = logits(checkpoint.model, batch)
    assert torch.isfinite(found).all()
    assert torch.equal(found, logits(load_model(study.model(recipe)), batch))


@pytest.mark.parametrize("recipe", [*ALONE, *TOGETHER])
def test_a_packed_file_has_the_bits_of_the_model(study, batch, recipe, tmp_path):
    pack_checkpoint(study.make(recipe), TEXT, tmp_path / "packed.safetensors")
    packed, model = load_packed(tmp_path / "packed.safetensors")[0], load_model(study.model(recipe))
    for (name, found), expected in zip(packed.state_dict().items(), model.state_dict().values(), strict=True):
        assert torch.equal(found, expected), name
    assert torch.equal(logits(packed, batch), logits(model, batch))


@pytest.mark.parametrize("recipe", [*ALONE, *TOGETHER])
def test_the_exported_model_computes_what_the_checkpoint_does(study, batch, recipe, tmp_path):
    checkpoint = open_checkpoint(study.make(recipe))
    model = checkpoint.model
    exported = to_onnx(model, metadata(model.config, TEXT), lowerings(checkpoint.steps))
    onnx.save(exported, tmp_path / "model.onnx")
    expected, found = logits(model, batch), OnnxModel(tmp_path / "model.onnx", 1)(**batch.inputs)
    span = float(expected.max() - expected.min())
    gaps = (found - expected).abs().amax(1)
    if model.exits and checkpoint.steps.bits == 32:
        # These models hardly know more of one row than of another: rounding may decide of one whether it leaves.
        gaps = gaps.sort().values[:-1]
    assert float(gaps.max()) < (1e-5 if checkpoint.steps.bits == 32 else 0.03 * span)


@pytest.mark.parametrize("recipe", ["ft-int8", "ft-int16", "ft-ptq8", "kd-l2-r50-mp50-int8"])
def test_symmetric_activations_keep_the_same_promises(study, symmetric, batch, recipe, tmp_path):
    test_a_checkpoint_rebuilds_its_model(symmetric, batch, recipe)
    test_a_packed_file_has_the_bits_of_the_model(symmetric, batch, recipe, tmp_path)
    test_the_exported_model_computes_what_the_checkpoint_does(symmetric, batch, recipe, tmp_path)
    modules = load_model(symmetric.model(recipe)).modules()
    zeros = {int(each.parameters_of_grid()[1]) for each in modules if isinstance(each, ActivationQuantizer)}
    assert zeros == {2 ** (7 if recipes.bits(recipe) == 8 else 15)}
    affine = logits(load_model(study.make(recipe)), batch)
    assert not torch.equal(affine, logits(load_model(symmetric.model(recipe)), batch))


@pytest.mark.parametrize("recipe", [*ALONE, *TOGETHER])
def test_the_counted_size_is_the_planned_one(study, recipe):
    checkpoint, planned = open_checkpoint(study.make(recipe)), recipes.planned(SIZE, recipe)
    if not all(step.method.plans_exactly or step.is_control for step in recipes.steps(recipe)):
        parent = open_checkpoint(study.make(recipes.parent(recipe)))
        counts = [sum(weight.numel() for weight in each.model.bert.parameters()) for each in (checkpoint, parent)]
        assert counts[0] < counts[1] if recipe.endswith(("x150", "c50")) else counts[0] <= counts[1]
        return
    for included in (True, False):
        counted = paper_mb(checkpoint.model, checkpoint.steps, with_embeddings=included)
        assert counted == pytest.approx(planned_mb(planned, with_embeddings=included), rel=1e-12)
    assert sum(weight.numel() for weight in checkpoint.model.bert.parameters()) == planned.parameters


@pytest.mark.parametrize("recipe", [*(recipe_of(each) for each in METHODS.values() if each.trains), "ft-int8-mp50"])
def test_an_interrupted_training_goes_on_to_the_same_bytes(study, recipe, tmp_path, monkeypatch):
    study.make(recipe)
    monkeypatch.setattr("multipress.training.saved_states.SHARE_OF_TIME", 0)
    with monkeypatch.context() as patch:
        patch.setattr(History, "add", sigterm_at(7))
        with pytest.raises(Interrupted):
            study.apply(recipe, tmp_path / "model", tmp_path / "scratch")
    assert not (tmp_path / "model" / "model.safetensors").exists()
    assert list((tmp_path / "scratch").rglob("*.safetensors"))
    study.apply(recipe, tmp_path / "model", tmp_path / "scratch")
    for name in ("model.safetensors", "steps.json", "config.json"):
        assert (tmp_path / "model" / name).read_bytes() == (study.model(recipe) / name).read_bytes(), name


@pytest.mark.parametrize("recipe", PLAIN)
def test_plain_berts_load_with_transformers_alone(study, batch, recipe):
    loaded = AutoModelForSequenceClassification.from_pretrained(study.make(recipe)).eval()
    with torch.inference_mode():
        found = loaded(**batch.inputs).logits
    assert torch.allclose(found, logits(load_model(study.model(recipe)), batch), atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_a_documented_section_with_every_key(name):
    settings, config = METHODS[name].settings, yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert config[name].keys() == settings.model_fields.keys()
    assert settings.model_validate(config[name])
    assert all(field.description for field in settings.model_fields.values())
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    before = text[: text.index(f"\n{name}:\n")].splitlines()
    assert before[-1].startswith("#"), f"config.yaml: say above {name} what the step does"


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_whole(name):
    method = METHODS[name]
    assert settings_class(name) is method.settings
    assert has(name, "structure") or not has(name, "export")
    if method.inherited:
        assert method.inherited.model_fields.keys() <= method.settings.model_fields.keys()
    assert all(keys <= method.settings.model_fields.keys() for keys in method.without_effect.values())
    assert recipes.step(step_of(method)).method is method


def test_zeros_of_pruning_stay_under_every_later_step(study):
    model = load_model(study.make("kd-l2-r50-mp50-int8"))
    pruned = load_model(study.model("kd-l2-r50-mp50"))
    for (name, later), weight in zip(
        model.bert.encoder.named_parameters(), pruned.bert.encoder.parameters(), strict=True
    ):
        if weight.ndim == 2:
            assert not later[weight == 0].any(), name


@pytest.mark.parametrize("recipe", CONTROLS)
def test_a_control_trains_as_long_and_leaves_a_plain_model(study, recipe):
    method = recipes.steps(recipe)[-1].method
    controlled, compressed = (read_json(study.make(each) / "training.json") for each in (recipe, recipe_of(method)))
    assert controlled["steps"] == compressed["steps"] > 0
    before, after = (load_model(study.model(each)).state_dict() for each in ("ft", recipe))
    assert before.keys() == after.keys()
    assert all((weight != 0).all() for name, weight in after.items() if "encoder" in name and weight.ndim == 2)
    assert any(not torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("recipe", ["ft-int8-mp50", "kd-l2-int4-mp50"])
def test_a_quantized_model_that_is_pruned_stays_on_its_grids_and_has_the_exact_sparsity(study, recipe):
    layers = quantized(load_model(study.make(recipe)))
    parents = quantized(load_model(study.make(recipes.parent(recipe))))
    assert layers.keys() == parents.keys()
    largest = 2 ** (recipes.bits(recipe) - 1) - 1
    for name, layer in layers.items():
        steps = layer.weight / layer.weight_quantizer.scale
        assert torch.allclose(steps, steps.round(), atol=1e-4), name
        assert steps.abs().max() <= largest + 1e-4
        assert not torch.equal(layer.weight, parents[name].weight), name
        zeros = int((layer.weight == 0).sum())
        assert zeros >= round(0.5 * layer.weight.numel()) or ".encoder." not in name
    record = read_json(study.model(recipe) / "steps.json")["steps"]
    assert (record[-1]["sparsity"], record[-1]["structure"], record[-2]["bits"]) == (0.5, None, recipes.bits(recipe))


def quantized(model):
    """The layers with quantized weights, by name."""
    return {name: module for name, module in model.named_modules() if hasattr(module, "weight_quantizer")}
