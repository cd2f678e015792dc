"""The importance of heads and neurons against finite differences, its formula, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from multipress.compression.share_layers.layers import shared_encoder
from multipress.data.prepared import PreparedTask
from multipress.model.build import new_classifier
from multipress.model.layer_parts import heads_of, neurons_of
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Batch, RowBatches, first_rows
from multipress.training.importance import choose_parts, gate_gradients, magnitudes
from multipress.training.importance_settings import ImportanceSettings
from multipress.training.objectives import task_loss

SHAPE = ArchitectureSpec(layers=2, hidden=12, heads=3, feed_forward=9)
STEP = 1e-5
PARTS = {"heads": heads_of, "neurons": neurons_of}
TASKS = {
    "classification": PreparedTask(kind="classification", labels=["a", "b", "c"]),
    "regression": PreparedTask(kind="regression", labels=None),
}


def classifier(kind="classification"):
    torch.manual_seed(0)
    model = new_classifier(SHAPE, 40, TASKS[kind], dropout=0.3).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
    return model


def batch_of(lengths):
    torch.manual_seed(7)
    mask = torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]
    ids = torch.randint(5, 40, mask.shape) * mask
    return Batch(ids, mask, None, torch.arange(len(lengths)).double() % 3)


def parts_of(model, what):
    return [PARTS[what](layer) for layer in model.bert.encoder.layers]


@torch.no_grad()
def by_finite_differences(model, parts, batch, kind, power=1):
    """Sums over rows of powers of how a row's loss changes with the scale of a part, one part at a time."""
    model.eval()
    found = []
    for layer in parts:
        width = layer.reader.in_features // layer.count
        scores = []
        for part in range(layer.count):
            losses = []
            for gate in (1 + STEP, 1 - STEP):

                def scale(module, inputs, gate=gate, part=part, width=width):
                    values = inputs[0].clone()
                    values[..., part * width : (part + 1) * width] *= gate
                    return values

                hook = layer.reader.register_forward_pre_hook(scale)
                rows = [row for row, _ in batch.split(1)]
                losses.append(torch.stack([task_loss(model(**row.inputs), row.labels, kind) for row in rows]))
                hook.remove()
            scores.append(float(((losses[0] - losses[1]).abs() / (2 * STEP)).pow(power).sum()))
        found.append(scores)
    return found


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("what", PARTS)
@pytest.mark.parametrize("power", [1, 2])
def test_importance_is_what_finite_differences_of_gates_say(what, kind, power):
    model, batch = classifier(kind), batch_of([3, 9, 5, 2])
    parts = parts_of(model, what)
    found = gate_gradients(model, parts, [batch], power)
    for ours, theirs in zip(found, by_finite_differences(model, parts, batch, kind, power), strict=True):
        assert ours.tolist() == pytest.approx(theirs, rel=1e-5, abs=1e-9)
        assert (ours > 1e-3).any()


@pytest.mark.parametrize("what", PARTS)
def test_a_layer_that_is_applied_twice_has_one_gate_for_each_part(what):
    model, batch = classifier(), batch_of([7, 5, 3])
    model.bert.encoder = shared_encoder(model.bert.encoder, [0, 0])
    parts = [PARTS[what](layer) for layer in model.bert.encoder.held]
    (scores,) = gate_gradients(model, parts, [batch])
    (expected,) = by_finite_differences(model, parts, batch, "classification")
    assert scores.tolist() == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_neither_batches_nor_their_order_nor_lack_of_memory_count():
    batch = batch_of([3, 9, 5, 2, 4, 4])
    model = classifier()
    parts = parts_of(model, "heads")
    expected = torch.stack(gate_gradients(model, parts, [batch]))
    one_by_one = [row for row, _ in reversed(batch.split(1))]
    assert torch.allclose(torch.stack(gate_gradients(model, parts, one_by_one)), expected, rtol=1e-9)

    def fail(gradient):  # half-way through the backward pass
        if len(gradient) > 2:
            raise torch.OutOfMemoryError("no more than two rows")

    def watch(layer, inputs, output):
        output.register_hook(fail)

    model.bert.encoder.layers[0].register_forward_hook(watch)
    assert torch.allclose(torch.stack(gate_gradients(model, parts, [batch])), expected, rtol=1e-9)


def test_a_model_is_left_as_it_was():
    model, batch = classifier(), batch_of([3, 4])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    gate_gradients(model, parts_of(model, "neurons"), [batch])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_an_error_leaves_no_gates_either():
    model, batch = classifier(), batch_of([3, 4])
    with pytest.raises(IndexError):
        gate_gradients(model, parts_of(model, "heads"), [replace(batch, input_ids=batch.input_ids + 40)])
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_the_rows_that_are_looked_at_are_exactly_as_many_as_were_asked_for():
    batches = [batch_of([3, 4, 5]), batch_of([2, 2, 2]), batch_of([6])]
    assert [part.size for part in first_rows(iter(batches), 4)] == [3, 1]
    assert [part.size for part in first_rows(iter(batches), 6)] == [3, 3]
    assert [part.size for part in first_rows(iter(batches), 100)] == [3, 3, 1]


def test_magnitude_is_the_norm_of_the_weights_that_make_or_read_a_part():
    model = classifier()
    layer = model.bert.encoder.layers[1]
    heads, neurons = magnitudes([heads_of(layer)])[0], magnitudes([neurons_of(layer)])[0]
    attention = layer.attention.self
    writers = [module.weight.detach().numpy() for module in (attention.query, attention.key, attention.value)]
    reader = layer.attention.output.dense.weight.detach().numpy()
    for head in range(3):
        own = slice(4 * head, 4 * head + 4)
        values = np.concatenate([*(writer[own].ravel() for writer in writers), reader[:, own].ravel()])
        assert float(heads[head]) == pytest.approx(np.linalg.norm(values), rel=1e-12)
    wide, narrow = layer.intermediate.dense.weight.detach().numpy(), layer.output.dense.weight.detach().numpy()
    expected = [np.linalg.norm(np.concatenate([wide[one], narrow[:, one]])) for one in range(9)]
    assert neurons.tolist() == pytest.approx(expected, rel=1e-12)


def test_settings_choose_score_rows_and_scope(model, tokens):
    device = torch.device("cpu")
    batches = RowBatches(tokens, 8, 1, device)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
        for number, layer in enumerate(model.bert.encoder.layers):  # large weights that no loss depends on
            layer.intermediate.dense.weight[0] *= 50
            layer.output.dense.weight[:, 0] = 1e-9
            layer.output.dense.weight[:, 1:4] *= 1 + 30 * number
    parts = parts_of(model, "neurons")
    chosen = {
        name: choose_parts(model, parts, 16, ImportanceSettings(**settings), batches)
        for name, settings in {
            "default": {},
            "magnitude": {"importance": "magnitude"},
            "fewer rows": {"importance_rows": 2},
            "global": {"scope": "global"},
        }.items()
    }
    assert [len(layer) for layer in chosen["default"]] == [16, 16]
    assert all(0 in layer for layer in chosen["magnitude"])
    assert not any(0 in layer for layer in chosen["default"])
    assert chosen["fewer rows"] != chosen["default"]
    assert sum(map(len, chosen["global"])) == 32
    assert chosen["global"] != chosen["default"]
