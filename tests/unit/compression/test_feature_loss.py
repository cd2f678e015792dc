"""The loss of feature distillation against its formula, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.compression.distill_features.objective import (
    check_teacher,
    feature_objective,
    layer_map,
    states_map,
)
from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.model.build import new_classifier
from multipress.model.features import read_features
from multipress.model.layer_parts import keep_heads
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Batch

TASK = PreparedTask(kind="classification", labels=["a", "b", "c"])


def classifier(layers, seed, hidden=16, heads=2):
    torch.manual_seed(seed)
    shape = ArchitectureSpec(layers=layers, hidden=hidden, heads=heads, feed_forward=24)
    model = new_classifier(shape, 40, TASK, dropout=0.0)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 2:
                weight.mul_(5)
    return model.double()


def batch_of(lengths, padded_to=None):
    torch.manual_seed(7)
    width = padded_to or max(lengths)
    mask = torch.arange(width)[None] < torch.tensor(lengths)[:, None]
    ids = torch.randint(5, 40, (len(lengths), 16))[:, :width] * mask
    return Batch(ids, None if mask.all() else mask, None, torch.zeros(len(lengths)))


def of_row(features, row, length):
    """The features of a row as numpy arrays, without its padding."""
    hidden = [states[row, :length].detach().numpy() for states in features.hidden]
    scores = [values[row, :, :length, :length].detach().numpy() for values in features.scores]
    return features.logits[row].detach().numpy(), hidden, scores


def softmax(values):
    powers = np.exp(values - values.max())
    return powers / powers.sum()


@pytest.mark.parametrize("layers", [(2, 4), (3, 3), (1, 3)])
def test_the_loss_is_its_formula_on_rows_without_padding(layers):
    student, teacher = (classifier(number, seed) for seed, number in enumerate(layers))
    lengths = [3, 6, 5]
    batch = batch_of(lengths)
    settings = FeatureSettings(temperature=2.0, logits_weight=0.7, hidden_weight=0.4, attention_weight=0.2)
    with torch.no_grad():
        found = feature_objective("classification", settings, teacher)(student, batch)
        ours, theirs = (read_features(model, **batch.inputs) for model in (student, teacher))
    chosen = {(2, 4): [1, 3], (3, 3): [0, 1, 2], (1, 3): [2]}[layers]
    states = [max(0, chosen[0] - 1), *(layer + 1 for layer in chosen)]
    expected = {"distillation_loss": 0.0, "hidden_loss": 0.0, "attention_loss": 0.0}
    for row, length in enumerate(lengths):
        (logits, hidden, scores), (aims, other_hidden, other_scores) = (
            of_row(features, row, length) for features in (ours, theirs)
        )
        p, q = softmax(aims / 2), softmax(logits / 2)
        expected["distillation_loss"] += 0.7 * 4 * (p * np.log(p / q)).sum() / 3
        for index, place in enumerate(states):
            expected["hidden_loss"] += 0.4 * ((hidden[index] - other_hidden[place]) ** 2).mean() / 3
        for index, layer in enumerate(chosen):
            expected["attention_loss"] += 0.2 * ((scores[index] - other_scores[layer]) ** 2).mean() / 3
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9), name
    assert float(found["loss"]) == pytest.approx(sum(expected.values()), rel=1e-9)


@torch.no_grad()
def test_padding_and_micro_batches_change_nothing():
    student, teacher = classifier(2, 0), classifier(4, 1)
    objective = feature_objective("classification", FeatureSettings(), teacher)
    narrow, wide = (objective(student, batch_of([3, 6, 5], width)) for width in (6, 11))
    parts = [(objective(student, part), share) for part, share in batch_of([3, 6, 5]).split(2)]
    for name, value in narrow.items():
        assert float(value) == pytest.approx(float(wide[name]), rel=1e-9), name
        assert float(value) == pytest.approx(sum(float(losses[name]) * share for losses, share in parts), rel=1e-9)


@torch.no_grad()
def test_a_student_like_its_teacher_has_nothing_to_learn():
    teacher = classifier(3, 0)
    losses = feature_objective("classification", FeatureSettings(), teacher)(classifier(3, 0), batch_of([4, 2]))
    assert float(losses["attention_loss"]) == 0
    # The student's embeddings learn from the teacher's, and so do all layers.
    assert float(losses["loss"]) == pytest.approx(0, abs=1e-12)


def test_the_teacher_gets_no_gradient_and_drops_nothing():
    student, teacher = classifier(2, 0), classifier(4, 1)
    objective = feature_objective("classification", FeatureSettings(), teacher.train())
    objective(student, batch_of([4, 2]))["loss"].backward()
    assert not teacher.training
    assert all(weight.grad is None for weight in teacher.parameters())
    assert student.bert.encoder.layers[0].attention.self.query.weight.grad.any()


@pytest.mark.parametrize(
    ("student", "teacher", "layers", "states"),
    [
        (6, 12, [1, 3, 5, 7, 9, 11], [0, 2, 4, 6, 8, 10, 12]),
        (5, 12, [2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]),
        (3, 3, [0, 1, 2], [0, 1, 2, 3]),
    ],
)
def test_layers_are_mapped_as_xtc_does(student, teacher, layers, states):
    assert layer_map(student, teacher) == layers
    assert states_map(layers) == states


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (classifier(4, 1, hidden=24), "hidden size 24 do not fit a student with 16"),
        (classifier(4, 1, heads=4), "number of attention heads 4 do not fit a student with 2"),
        (classifier(1, 1), "a student of 2 layers cannot learn the features of 1"),
    ],
)
def test_a_teacher_of_another_form_is_refused(teacher, message):
    with pytest.raises(UserError, match=message):
        check_teacher(classifier(2, 0), teacher)


@torch.no_grad()
def test_regression_compares_numbers():
    student, teacher = classifier(2, 0), classifier(2, 1)
    batch = replace(batch_of([4, 4]), attention_mask=None)
    losses = feature_objective("regression", FeatureSettings(temperature=9.0), teacher)(student, batch)
    expected = (student(**batch.inputs) - teacher(**batch.inputs)).square().mean()
    assert float(losses["distillation_loss"]) == pytest.approx(float(expected))


def test_heads_that_are_left_learn_from_the_same_heads_of_the_teacher():
    student, teacher = (classifier(2, seed, heads=4) for seed in range(2))
    batch = batch_of([4, 4])
    for layer, kept in zip(student.bert.encoder.layers, [[1, 3], [2]], strict=True):
        keep_heads(layer, kept)
    with torch.no_grad():
        found = feature_objective("classification", FeatureSettings(), teacher)(student, batch)
        ours, theirs = (read_features(model, **batch.inputs).scores for model in (student, teacher))
    expected = (ours[0] - theirs[0][:, [1, 3]]).square().mean() + (ours[1] - theirs[1][:, [2]]).square().mean()
    assert float(found["attention_loss"]) == pytest.approx(float(expected), rel=1e-9)
