import math

import numpy as np
import onnx
import pytest
import scipy.stats
import torch

from multipress.compression.early_exit.apply import _rule, add_exits, apply
from multipress.compression.early_exit.objective import exits_objective
from multipress.compression.early_exit.settings import EarlyExitSettings
from multipress.compression.early_exit.thresholds import choose, curve, mean_depth, thresholds
from multipress.compression.rebuild import load_model, open_checkpoint
from multipress.compression.step_work import StepWork
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.tensor_files import read_tensors
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.openvino_model import OpenVinoModel
from multipress.model.bert import BertClassifier, BertConfig
from multipress.model.exits import NEVER, ExitRule, entropy, most_entropy, read_first_tokens
from multipress.training.batches import Batch, RowBatches, Rows, read_training_rows
from multipress.training.imitation import logits_distance
from multipress.training.inference import compute_answers
from multipress.training.loop import TrainingContext
from multipress.training.objectives import task_loss, task_objective
from tests.steps import Study

TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)
CPU = torch.device("cpu")
LAYERS = 5


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture(scope="module")
def batch(study):
    return Rows(read_tokens(study.folder / "train.arrow"), CPU).batch(np.arange(48))


@pytest.fixture
def deep():
    """A model of five layers and three labels, with exits whose answers differ."""
    return deep_model(outputs=3)


def deep_model(outputs):
    torch.manual_seed(0)
    shape = {"vocab_size": 60, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    labels = {"id2label": {number: str(number) for number in range(outputs)}}
    if outputs == 1:
        labels["problem_type"] = "regression"
    config = BertConfig(num_hidden_layers=LAYERS, initializer_range=0.3, **shape, **labels)
    model = BertClassifier(config).eval()
    exits = add_exits(model, ExitRule(kind="entropy", threshold=NEVER))
    for parameter in exits.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return model


def with_rule(model, **changes):
    model.exits.rule = ExitRule.model_validate(model.exits.rule.model_dump() | changes)
    return model


def answers_of(model, batch):
    with torch.inference_mode():
        return model.exits.answers(model, **batch.inputs)


def logits(model, batch):
    with torch.inference_mode():
        return model(**batch.inputs)


def without_exits(model, batch):
    exits, model.exits = model.exits, None
    found = logits(model, batch)
    model.exits = exits
    return found


def middle_rule(model, batch, kind):
    """A rule by which rows leave at different exits."""
    answers = answers_of(model, batch)
    rule = choose(ExitRule(kind=kind, threshold=NEVER), answers, 0.6 * LAYERS)
    assert len(set(rule.depths(answers).tolist())) > 2
    return rule


def one_by_one(batch):
    """Each row alone, as long as it is."""
    for row, _ in batch.split(1):
        length = int(row.attention_mask.sum())
        yield Batch(row.input_ids[:, :length], None, None, row.labels)


def exported(model, path):
    onnx.save(to_onnx(model, metadata(model.config, TEXT)), path)
    return path


def test_the_entropy_is_that_of_scipy():
    values = torch.randn(50, 4, dtype=torch.float64) * 5
    expected = scipy.stats.entropy(values.softmax(-1).numpy(), axis=-1)
    assert np.allclose(entropy(values).numpy(), expected, atol=1e-12)
    assert entropy(torch.tensor([[200.0, -200.0]])).item() == 0
    assert entropy(torch.zeros(1, 4)).item() == pytest.approx(math.log(4))
    assert most_entropy(4) > math.log(4)


@pytest.mark.parametrize(("kind", "threshold"), [("entropy", NEVER), ("patience", float(LAYERS))])
def test_where_no_row_leaves_the_logits_are_the_parents_bit_for_bit(deep, batch, kind, threshold):
    with_rule(deep, kind=kind, threshold=threshold)
    assert torch.equal(logits(deep, batch), without_exits(deep, batch))
    assert torch.equal(answers_of(deep, batch)[-1], without_exits(deep, batch))


@pytest.mark.parametrize(("kind", "threshold"), [("entropy", most_entropy(3)), ("patience", 0.0)])
def test_where_all_rows_leave_the_logits_are_those_of_the_first_exit(deep, batch, kind, threshold):
    with_rule(deep, kind=kind, threshold=threshold)
    assert torch.equal(logits(deep, batch), answers_of(deep, batch)[0])
    later = deep.bert.encoder.layers[1:]
    for layer in later:
        layer.forward = None  # none of them is computed
    assert logits(deep, batch).shape == (48, 3)


@pytest.mark.parametrize("kind", ["entropy", "patience"])
def test_rows_of_a_batch_leave_as_they_do_alone(deep, batch, kind):
    deep.exits.rule = middle_rule(deep, batch, kind)
    together = logits(deep, batch)
    alone = torch.cat([logits(deep, row) for row in one_by_one(batch)])
    assert torch.allclose(together, alone, atol=1e-5)
    answers = answers_of(deep, batch)
    depths = deep.exits.rule.depths(answers)
    assert torch.allclose(together, answers[depths - 1, torch.arange(48)], atol=1e-5)


def test_patience_counts_exits_that_repeat_the_answer_before():
    labels = torch.tensor([[0, 1, 0], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0]])
    answers = torch.nn.functional.one_hot(labels, 2).float()
    depths = [ExitRule(kind="patience", threshold=wanted).depths(answers).tolist() for wanted in range(5)]
    assert depths == [[1, 1, 1], [2, 2, 3], [5, 3, 4], [5, 4, 5], [5, 5, 5]]


def test_patience_in_regression_asks_for_answers_that_are_close():
    answers = torch.tensor([[1.0, 1.0], [1.05, 2.0], [1.2, 2.05], [1.2, 2.0]])[..., None]
    for tolerance, expected in ((0.1, [2, 3]), (0.01, [4, 4]), (2.0, [2, 2])):
        rule = ExitRule(kind="patience", threshold=1.0, tolerance=tolerance)
        assert rule.depths(answers).tolist() == expected


@pytest.mark.parametrize("kind", ["entropy", "patience"])
@pytest.mark.parametrize("layers", [0.5, 1, 2, 3.3, LAYERS])
def test_a_threshold_lets_rows_leave_as_late_as_the_mean_allows(deep, batch, kind, layers):
    answers = answers_of(deep, batch)
    tried = [ExitRule(kind=kind, threshold=each) for each in thresholds(kind, answers)]
    means = [mean_depth(each, answers) for each in tried]
    assert means[0] == LAYERS
    assert means[-1] == 1
    assert means == sorted(means, reverse=True)
    allowed = [each for each in means if each <= layers] or [1]
    assert mean_depth(choose(tried[0], answers, layers), answers) == max(allowed)


def test_a_curve_goes_from_all_layers_to_one(deep, batch):
    answers = answers_of(deep, batch)
    found = curve(deep.exits.rule, answers)
    means = [point.mean_layers for point in found]
    assert means == [mean_depth(ExitRule(kind="entropy", threshold=each.threshold), answers) for each in found]
    assert (found[0].threshold, found[-1].threshold) == (NEVER, most_entropy(3))
    assert (means[0], means[-1]) == (LAYERS, 1)
    assert means == sorted(set(means), reverse=True)
    assert all(mean <= LAYERS - number / 2 for number, mean in enumerate(means))


@pytest.mark.parametrize(("kind", "outputs"), [("entropy", 3), ("patience", 3), ("patience", 1)])
def test_an_exported_model_lets_the_same_rows_leave(batch, tmp_path, kind, outputs):
    model = deep_model(outputs)
    model.exits.rule = middle_rule(model, batch, kind) if outputs > 1 else ExitRule(kind=kind, threshold=1, tolerance=1)
    answers = answers_of(model, batch)
    depths = model.exits.rule.depths(answers)
    assert len(set(depths.tolist())) > 1
    expected = answers[depths - 1, torch.arange(48)]
    runs = OnnxModel(exported(model, tmp_path / "model.onnx"))
    assert torch.allclose(runs(**batch.inputs), expected, atol=1e-4)
    alone = torch.cat([runs(**row.inputs) for row in one_by_one(batch)])
    assert torch.allclose(alone, expected, atol=1e-4)


@pytest.mark.parametrize("threshold", [NEVER, most_entropy(3)])
def test_extremes_of_thresholds_hold_in_exported_models_too(deep, batch, tmp_path, threshold):
    path = exported(with_rule(deep, threshold=threshold), tmp_path / "model.onnx")
    expected = answers_of(deep, batch)[-1 if threshold == NEVER else 0]
    assert torch.allclose(OnnxModel(path)(**batch.inputs), expected, atol=1e-4)
    assert torch.allclose(OpenVinoModel(path)(**batch.inputs), expected, atol=1e-4)


def test_an_exported_model_has_the_layers_after_an_exit_in_a_branch(deep, tmp_path):
    graph = onnx.load(exported(deep, tmp_path / "model.onnx")).graph
    for left in range(LAYERS, 1, -1):
        operators = [node.op_type for node in graph.node]
        assert (operators.count("Softmax"), operators.count("If")) == (1, 1), f"{left} layers are left"
        branches = {
            attribute.name: attribute.g for attribute in next(n for n in graph.node if n.op_type == "If").attribute
        }
        assert [node.op_type for node in branches["then_branch"].node] == ["Identity"]
        graph = branches["else_branch"]
    assert "If" not in [node.op_type for node in graph.node]


def test_exits_train_and_the_model_stays_as_it_was(study):
    parent = read_tensors(study.make("ft") / "model.safetensors")
    state = read_tensors(study.make("ft-ee") / "model.safetensors")
    exits = {name for name in state if name.startswith("exits.")}
    assert state.keys() - exits == parent.keys()
    assert all(torch.equal(state[name], parent[name]) for name in parent)
    for number in range(2):
        pooler = state[f"exits.{number}.pooler.dense.weight"]
        assert not torch.equal(pooler, parent["bert.pooler.dense.weight"])


@pytest.mark.parametrize("for_labels", [False, True])
def test_the_loss_is_the_sum_of_all_exits_losses(deep, batch, for_labels):
    loss = exits_objective(deep, "classification", for_labels)(deep.exits.eval(), batch)["loss"]
    *found, last = answers_of(deep, batch)
    if for_labels:
        expected = sum(task_loss(each, batch.labels, "classification") for each in found)
    else:
        expected = sum(logits_distance(each, last, "classification", 1.0) for each in found)
    assert loss.item() == pytest.approx(float(expected), rel=1e-5)


def test_exits_learn_the_models_answers(study, deep, batch):
    tokens = read_tokens(study.folder / "train.arrow")
    add_exits(deep, deep.exits.rule)
    *before, last = answers_of(deep, batch)
    settings = EarlyExitSettings(epochs=10, batch_size=8, learning_rate=1e-2, dropout=0, depth=0.6)
    work = StepWork(settings, 0, RowBatches(tokens, 8, 0, CPU), TrainingContext(CPU), task_objective("classification"))
    applied = apply(deep, work)
    held_out = RowBatches(tokens, 8, 0, CPU).hold_out(settings.held_out)[1]
    on_held_out = torch.from_numpy(compute_answers(deep, held_out, 8, CPU))
    assert deep.exits.rule == choose(deep.exits.rule, on_held_out, settings.depth * LAYERS)
    assert applied.structure["mean_layers"] == mean_depth(deep.exits.rule, on_held_out) <= settings.depth * LAYERS
    *after, same = answers_of(deep, batch)
    assert torch.equal(last, same)
    for ours, theirs in zip(after, before, strict=True):
        assert logits_distance(ours, last, "classification", 1.0) < logits_distance(theirs, last, "classification", 1.0)


def test_an_exit_starts_as_the_models_pooler_and_head(study, batch):
    for recipe in ("ft", "ft-int8"):
        model = load_model(study.make(recipe))
        exits = add_exits(model, ExitRule(kind="entropy", threshold=NEVER))
        states, _ = read_first_tokens(model, **batch.inputs)
        own = [model.answer(state) for state in states]
        found = [each(state) for each, state in zip(exits.held, states, strict=True)]
        exact = recipe == "ft"
        for ours, theirs in zip(found, own, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-5 if exact else 0.1)


def test_thresholds_come_from_training_rows_that_the_exits_have_not_seen(study, tmp_path):
    tokens = read_tokens(study.folder / "train.arrow")
    _, held_out = RowBatches(tokens, 8, 0, CPU).hold_out(0.25)
    study.make("ft")
    folder = study.apply("ft-ee", tmp_path / "model", held_out=0.25, depth=0.5)
    model = load_model(folder)
    answers = torch.from_numpy(compute_answers(model, held_out, 8, CPU))
    again = choose(ExitRule(kind="entropy", threshold=NEVER), answers, 0.5 * len(answers))
    assert model.exits.rule.threshold == again.threshold
    structure = read_json(folder / "steps.json")["steps"][-1]["structure"]
    assert structure["held_out"] == len(held_out) == 24
    assert read_json(folder / "training.json")["rows_seen"] == 96 - 24
    assert structure["mean_layers"] == mean_depth(again, answers) <= 0.5 * len(answers)
    # The job knows of no other rows: those that it watches the training with have no say.
    (study.folder / "other").mkdir(exist_ok=True)
    watched = study.folder / "monitor.arrow"
    kept = watched.read_bytes()
    try:
        watched.write_bytes((study.folder / "train.arrow").read_bytes())
        other = study.apply("ft-ee", tmp_path / "other", held_out=0.25, depth=0.5)
    finally:
        watched.write_bytes(kept)
    for name in ("model.safetensors", "steps.json"):
        assert (other / name).read_bytes() == (folder / name).read_bytes()


def test_rows_are_held_out_with_their_copies(study):
    tokens, _ = read_training_rows(study.folder / "train.arrow", study.folder / "augmented.arrow")
    rest, held_out = RowBatches(tokens, 8, 3, CPU).hold_out(0.25)
    assert not held_out.is_copy.any()
    assert len(held_out) == 24
    assert len(rest._tokens) == 2 * (96 - 24)
    assert not np.isin(rest._tokens.idx, held_out.idx).any()
    other = RowBatches(tokens, 8, 4, CPU).hold_out(0.25)[1]
    assert np.array_equal(other.idx, held_out.idx)
    for number, row in enumerate(held_out.idx):
        original = tokens.ids[tokens.offsets[row] : tokens.offsets[row + 1]]
        taken = held_out.ids[held_out.offsets[number] : held_out.offsets[number + 1]]
        assert np.array_equal(taken, original)


def test_a_model_of_one_layer_is_refused(study, tmp_path):
    study.make("ft-l1")
    with pytest.raises(UserError, match="the parent has one layer only"):
        study.apply("ft-l1-ee", tmp_path)


def test_entropy_is_refused_for_regression(batch):
    model = deep_model(outputs=1)
    assert _rule(model, EarlyExitSettings()).kind == "patience"
    with pytest.raises(UserError, match=r"early_exit\.rule: answers of a regression have no entropy"):
        _rule(model, EarlyExitSettings(rule="entropy"))


def test_a_quantized_parent_keeps_its_integers_and_exits_are_floats(study):
    checkpoint = open_checkpoint(study.make("ft-int8-ee"))
    assert checkpoint.steps.bits == 8
    parent = read_tensors(study.model("ft-int8") / "model.safetensors")
    state = checkpoint.model.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in parent.items())
    assert not any("quantizer" in name for name in state if name.startswith("exits."))
