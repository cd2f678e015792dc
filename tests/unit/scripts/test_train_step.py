"""What the scripts that make models refuse when they are called by hand."""

import json
import shutil

import pytest

from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from tests import encoders
from tests.steps import LAYERS, SHAPE, Study
from workflow_scripts import convert_step, train_step
from workflow_scripts._steps import Params, read_parent


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


def params(**changes):
    values = {"task": "rte", "arch": "nano", "seed": 1, "recipe": "ft-mp50", "method": "prune", "argument": 50}
    return Params(**(values | {"settings": {}} | changes))


@pytest.mark.parametrize(
    ("script", "changes", "message"),
    [
        (train_step, {"method": "../x"}, "there is no method '../x'; known are finetune, distill"),
        (train_step, {"argument": 0}, "argument 0 of prune: use 1 to 99 percent"),
        (train_step, {"argument": -5}, "argument -5 of prune: use 1 to 99 percent"),
        (train_step, {"method": "quantize", "argument": 99}, "argument 99 of quantize: use 2 to 16 bits"),
        (train_step, {"method": "calibrate", "argument": 8}, "calibrate is a method of workflow_scripts.convert_step"),
        (convert_step, {}, "prune is a method of workflow_scripts.train_step"),
    ],
)
def test_a_step_that_the_method_or_script_does_not_make_is_refused(script, changes, message):
    with pytest.raises(UserError, match=message):
        script.main(params(**changes), None)


@pytest.mark.parametrize(
    ("made", "changes", "message"),
    [
        ("kd-l2-mp50", {"recipe": "kd-l2-mp50-int8", "method": "quantize", "argument": 8}, None),
        ("ft-mp50", {"recipe": "kd-mp50-int8", "method": "quantize", "argument": 8}, "the parent of .* is kd-mp50"),
        ("ft", {"recipe": ""}, "has the recipe ft, but the parent of  is .none."),
        ("ft-mp50", {"recipe": "ft-mp50-l2", "method": "reduce_layers", "argument": 2}, "cannot follow those of ft-mp"),
        ("ft-mp50", {"recipe": "ft-mp50-mp60", "argument": 60}, "cannot follow those of ft-mp50"),
    ],
)
def test_a_parent_is_of_the_same_recipe_and_of_earlier_steps(study, made, changes, message):
    parent = study.make(made)
    if message is None:
        assert [step.name for step in read_parent(params(**changes), parent).steps.steps] == made.split("-")
        return
    with pytest.raises(UserError, match=message):
        read_parent(params(**changes), parent)


def test_a_parent_without_its_steps_is_no_parent(study, tmp_path):
    parent = shutil.copytree(study.make("kd-l2-mp50"), tmp_path / "parent")
    (parent / "steps.json").unlink()
    changes = {"recipe": "kd-l2-mp50-int8", "method": "quantize", "argument": 8}
    with pytest.raises(UserError, match=r"steps.json has the recipe \(none\), but the parent of .* is kd-l2-mp50"):
        read_parent(params(**changes), parent)


def test_a_parent_with_a_step_of_no_method_is_no_parent(study, tmp_path):
    parent = shutil.copytree(study.make("ft-mp50"), tmp_path / "parent")
    record = read_json(parent / "steps.json")
    record["steps"][1]["method"] = "shrink"
    write_json(parent / "steps.json", record)
    changes = {"recipe": "ft-mp50-int8", "method": "quantize", "argument": 8}
    with pytest.raises(UserError, match=r"step mp50 is of 'shrink', which is no method here: make the parent again"):
        read_parent(params(**changes), parent)


@pytest.mark.parametrize("damage", [{"bits": 99}, {"sparsity": -3.0}, {"structure": {}}, {"structure": {"ranks": []}}])
def test_a_damaged_record_of_a_step_is_one_line(study, tmp_path, damage):
    parent = shutil.copytree(study.make("ft-r50"), tmp_path / "parent")
    record = read_json(parent / "steps.json")
    record["steps"][1] |= damage
    write_json(parent / "steps.json", record)
    changes = {"recipe": "ft-r50-mp50"}
    with pytest.raises(UserError, match=r"^[^\n]*steps.json[^\n]*$"):
        read_parent(params(**changes), parent)


def test_a_first_step_needs_a_shape_and_a_later_one_a_parent(study):
    changes = {"recipe": "ft", "method": "finetune", "argument": 0, "architecture": SHAPE}
    assert json.loads(params(**changes).model_dump_json())["architecture"]["layers"] == SHAPE["layers"]
    for recipe, method, message in (("ft", "finetune", "add architecture"), ("mp50", "prune", "name it as --parent")):
        job = train_step.TrainingJob(params(recipe=recipe, method=method), *[_Nothing()] * 5)
        with pytest.raises(UserError, match=message):
            job.start()


class _Nothing:
    """Whatever is asked of it is not there."""

    def __getattr__(self, name):
        return None


def test_what_the_encoder_says_of_itself_stays_with_every_model(tmp_path):
    keys = {"hidden_act": "relu", "layer_norm_eps": 1e-3, "max_position_embeddings": 40, "vocab_size": 64}
    study = started_from(tmp_path, **keys)
    for recipe in ("ft", "kd-l2-r50-mp50-int8"):
        config = read_json(study.make(recipe) / "config.json")
        assert {key: config[key] for key in keys} == keys
        assert config["hidden_dropout_prob"] == 0.1
        assert config["id2label"] == {"0": "no", "1": "yes"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"max_position_embeddings": 8}, "too few for rows of 11 tokens: lower tokenize.max_length to 8"),
        ({"vocab_size": 50}, "vocab_size is 50, but the tokenizer has 60 tokens"),
        ({"hidden_size": 32}, "hidden_size is 32, the architecture has hidden 16"),
        ({"hidden_act": "tanh"}, "hidden_act is 'tanh'"),
    ],
)
def test_an_encoder_that_does_not_suit_is_refused_before_the_training(tmp_path, keys, message):
    with pytest.raises(UserError, match=message):
        started_from(tmp_path, **keys).make("ft")


def started_from(folder, **keys):
    """A study whose models start from such an encoder."""
    study = Study(folder / "study")
    study.encoder = encoders.write(folder / "encoder", encoders.encoder(num_hidden_layers=LAYERS, **keys))
    study.encoder /= "model.safetensors"
    return study


def seed(recipe, method, **changes):
    return params(recipe=recipe, method=method, **changes).seed_of_model


def test_models_that_are_compared_share_their_randomness():
    start = seed("ft", "finetune")
    assert start == seed("kd", "distill") == seed("kdslow", "distill")
    pruned = seed("ft-mp50", "prune")
    assert pruned == seed("kd-mp60", "prune") == seed("kd-l2-mp60", "prune")
    others = [seed("kd-l2", "reduce_layers"), seed("ft-int8", "quantize"), seed("ft-ptq8", "calibrate")]
    others += [seed("ft", "finetune", **{key: other}) for key, other in (("task", "a"), ("arch", "b"), ("seed", 2))]
    assert len({start, pruned, *others}) == 8
    assert seed("kd-mp60-int8", "quantize") == others[1]
