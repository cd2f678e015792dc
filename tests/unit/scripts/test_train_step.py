"""What the scripts that make models refuse when they are called by hand."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file

from multipress.compression.steps_file import ModelSteps, StepRecord, TrainedFor, read_steps
from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from multipress.evaluation.evaluate import trained_fields
from multipress.training.batches import Rows, read_training_rows
from multipress.training.teacher_logits import write_logits
from tests import encoders
from tests.steps import LAYERS, ROWS, SHAPE, Study
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
        (train_step, {"argument": 100}, "argument 100 of prune: use 1 to 99 percent, or 0, which compresses nothing$"),
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
        ("ft-int8", {"recipe": "ft-int8-mp60", "argument": 60}, None),
        ("ft-ptq8", {"recipe": "ft-ptq8-mp60", "argument": 60}, "cannot follow those of ft-ptq8"),
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


AUGMENTED, COUNTED = {"augmented": "augmented.arrow"}, {"counted": "augmented.arrow"}
LOGITS_FILE = "logits.safetensors"
LOGITS = {"teacher_logits": LOGITS_FILE}


def losses(folder):
    """The losses that a training noted, and its steps."""
    last = read_json(folder / "training.json")["last"]
    return {name for name in last if name.endswith("loss")}, last["step"]


@pytest.mark.parametrize(
    ("reads", "changes", "distils", "steps"),
    [
        ({**AUGMENTED, **LOGITS}, {}, True, 24),
        ({**COUNTED, **LOGITS}, {}, True, 24),
        (LOGITS, {}, True, 12),
        (AUGMENTED, {"objective": "task"}, False, 24),
        (COUNTED, {"objective": "task", "epochs": 0.6}, False, 14),
        ({}, {"objective": "task"}, False, 12),
    ],
)
def test_rows_steps_and_loss_of_a_distillation_are_three_settings(study, tmp_path, reads, changes, distils, steps):
    study.apply("kd", tmp_path / "kd", reads=reads, **changes)
    assert losses(tmp_path / "kd") == ({"loss", "task_loss", *(["distillation_loss"] if distils else [])}, steps)


def test_logits_on_the_original_rows_are_those_at_the_head_of_the_file(study):
    every = read_training_rows(*(study.folder / name for name in ("train.arrow", "augmented.arrow", LOGITS_FILE)))
    own = read_training_rows(study.folder / "train.arrow", teacher_logits=study.folder / LOGITS_FILE)
    assert (len(own[0]), own[1].tolist()) == (ROWS, every[1][:ROWS].tolist())


def test_logits_of_fewer_rows_are_refused(study, tmp_path):
    write_logits(tmp_path / "few.safetensors", np.zeros((ROWS - 1, 2), dtype=np.float32))
    with pytest.raises(UserError, match=f"few.safetensors holds {ROWS - 1} rows, the training data {ROWS}"):
        read_training_rows(study.folder / "train.arrow", teacher_logits=tmp_path / "few.safetensors")


@pytest.mark.parametrize(
    ("own", "inherited", "distils"),
    [
        ({}, {"distill": {"task_weight": 0.5}}, True),
        ({"objective": "task"}, {"distill": {"task_weight": 0.5}}, False),
        ({"objective": "auto"}, {"distill": {"task_weight": 0.5}, "prune": {"objective": "task"}}, False),
        ({}, {"distill": {"objective": "task"}}, False),
    ],
)
def test_labels_alone_are_trained_for_from_the_step_on_that_says_so(model, tokens, own, inherited, distils):
    steps = ModelSteps(steps=[StepRecord(name=name, method=name) for name in ("distill", "prune")])
    job = params(recipe="kd-mp50-int8", method="quantize", argument=8, settings=own, inherited=inherited)
    batch = Rows(tokens, torch.device("cpu"), np.zeros((len(tokens), 2), dtype=np.float32)).batch(np.arange(8))
    assert ("distillation_loss" in job.objective(steps, "classification")(model, batch)) == distils


def test_a_checkpoint_says_how_long_each_step_trained_it(study):
    trained = [step.trained for step in read_steps(study.make("kd-l2-mp50-int8")).steps]
    lineage = ["kd", "kd-l2", "kd-l2-mp50", "kd-l2-mp50-int8"]
    steps = [pd.read_csv(study.model(recipe) / "history.csv")["step"].iloc[-1] for recipe in lineage]
    assert [each.steps for each in trained] == steps
    assert [each.rows_seen for each in trained] == [8 * each for each in steps]  # batches of 8, none cut short
    state = load_file(study.model("kd-l2-mp50") / "model.safetensors")
    outside = sum(weight.size for name, weight in state.items() if "embeddings" not in name)
    assert [each.compute for each in trained[1:]] == [each.rows_seen * outside for each in trained[1:]]
    assert trained[0].compute > trained[0].rows_seen * outside  # kd has one layer more


def test_the_last_batch_of_an_epoch_counts_the_rows_that_it_has(study, tmp_path):
    study.apply("ft", tmp_path / "ft", batch_size=25, epochs=1.5)
    (step,) = read_steps(tmp_path / "ft").steps
    seen = [25 * (step.trained.steps - whole) + whole * (ROWS - 75) for whole in (1, 2)]
    assert step.trained.steps == 6
    assert step.trained.rows_seen in seen


def test_a_lineage_is_as_long_as_its_steps_together(study):
    steps = read_steps(study.make("ft-mp50-ptq8"))
    assert steps.steps[-1].trained == TrainedFor()
    assert steps.trained == steps.steps[0].trained.and_then(steps.steps[1].trained)
    assert trained_fields(steps) == steps.trained.model_dump()
    unknown = ModelSteps(steps=[*steps.steps, StepRecord(name="int8", method="quantize")])
    assert (
        trained_fields(unknown) == trained_fields(ModelSteps()) == {"steps": None, "rows_seen": None, "compute": None}
    )


def test_distillation_without_teacher_and_copies_is_fine_tuning_for_as_long(study, tmp_path, monkeypatch):
    monkeypatch.setattr(Params, "seed_of_model", 7)  # what else differs is the recipe's name
    study.apply("kd", tmp_path / "ftl", reads=COUNTED, objective="task", augment=False, epochs_over="augmented")
    study.apply("ft", tmp_path / "ft", epochs=2.0)
    for name in ("model.safetensors", "history.csv"):
        first, second = (load(tmp_path / folder / name) for folder in ("ftl", "ft"))
        assert first == second, name


def load(path):
    """A file's content, without the speed of a history."""
    if path.suffix != ".csv":
        return path.read_bytes()
    return pd.read_csv(path).drop(columns="examples_per_second").to_csv()


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
