import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_objective
from multipress.compression.finetune.settings import FinetuneSettings
from multipress.core.errors import UserError
from multipress.model.bert import BertConfig, BertMaskedModel
from multipress.model.build import new_classifier
from multipress.training.batches import RowBatches, Rows
from multipress.training.loop import TrainingContext, train
from multipress.training.micro_batches import BatchSplitter
from multipress.training.objectives import task_objective
from multipress.training.pretraining import IGNORED, MaskedBatch, masked_objective

CPU = torch.device("cpu")


def backward(model, objective, batch, rows=None):
    """Losses and gradients of a batch, computed in parts of so many rows."""
    micro_batches = BatchSplitter(model.zero_grad)
    micro_batches.rows = rows
    model.zero_grad(set_to_none=True)
    losses = micro_batches.backward(objective, model, batch)
    assert micro_batches.rows == rows
    return losses, {name: parameter.grad for name, parameter in model.named_parameters() if parameter.requires_grad}


def assert_same_in_parts(model, objective, batch, rows):
    whole, expected = backward(model, objective, batch)
    parts, gradients = backward(model, objective, batch, rows)
    assert parts.keys() == whole.keys()
    for name, loss in parts.items():
        assert not loss.requires_grad
        assert loss == pytest.approx(float(whole[name]), rel=1e-5), name
    for name, gradient in gradients.items():
        assert torch.allclose(gradient, expected[name], rtol=1e-4, atol=1e-7), name
    assert any(gradient.any() for gradient in gradients.values())


@pytest.mark.parametrize("rows", [1, 3, 8, 13, 14])
@pytest.mark.parametrize("kind", ["classification", "regression", "distillation"])
def test_the_gradients_of_all_parts_are_those_of_the_batch(shape, task, tokens, kind, rows):
    torch.manual_seed(0)
    kinds = {"kind": "regression"} if kind == "regression" else {}
    model = new_classifier(shape, 60, task.model_copy(update=kinds), dropout=0.0)
    logits = np.random.default_rng(0).normal(size=(96, 2)).astype(np.float32)
    half = replace(tokens, copies=np.arange(96) % 2)
    batch = Rows(half, CPU, logits).batch(np.arange(13))
    if kind == "distillation":
        objective = distillation_objective("classification", DistillationSettings(task_weight=0.3))
    else:
        objective = task_objective(kind)
    assert_same_in_parts(model, objective, batch, rows)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_gradients_of_parts_with_uneven_numbers_of_masked_tokens_are_those_of_the_batch(rows):
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = BertMaskedModel(BertConfig(vocab_size=50, hidden_dropout_prob=0, attention_probs_dropout_prob=0, **shape))
    ids = torch.randint(5, 50, (5, 12))
    labels = torch.full_like(ids, IGNORED)
    for row, masked in enumerate([1, 0, 7, 0, 3]):
        labels[row, :masked] = ids[row, :masked]
    assert_same_in_parts(model, masked_objective, MaskedBatch(ids, labels), rows)


def test_parts_hold_all_rows_once_and_in_order(tokens):
    batch = Rows(tokens, CPU).batch(np.arange(13))
    parts = batch.split(5)
    assert [part.size for part, _ in parts] == [5, 5, 3]
    assert [share for _, share in parts] == [5 / 13, 5 / 13, 3 / 13]
    for name in ("input_ids", "attention_mask", "labels"):
        assert torch.equal(torch.cat([getattr(part, name) for part, _ in parts]), getattr(batch, name))
    unpadded = replace(batch, attention_mask=None)
    assert all(part.attention_mask is None and part.teacher_logits is None for part, _ in unpadded.split(5))


def needs_memory_for_more_than(rows):
    """The task's objective, for which the allocator of the CPU fails where a part has more rows; the sizes asked for.

    It fails after the backward pass of something else, so that gradients of the failed attempt lie about.
    """
    objective, sizes = task_objective("classification"), []

    def limited(model, batch):
        sizes.append(batch.size)
        if batch.size > rows:
            objective(model, batch)["loss"].backward()
            torch.empty(2**50, dtype=torch.uint8)
        return objective(model, batch)

    return limited, sizes


def test_a_batch_that_does_not_fit_is_halved_until_it_does_and_the_weights_are_the_same(shape, task, tokens, capfd):
    settings = FinetuneSettings(epochs=2, batch_size=20, learning_rate=1e-3)
    weights = []
    for rows in (1000, 6):
        torch.manual_seed(0)
        model = new_classifier(shape, 60, task, dropout=0.0)
        objective, sizes = needs_memory_for_more_than(rows)
        training = train(model, RowBatches(tokens, 20, 1, CPU), objective, settings, TrainingContext(CPU))
        weights.append(model.state_dict())
    for name, weight in weights[0].items():
        if not name.endswith("key.bias"):  # their gradients are zero but for rounding
            assert torch.allclose(weight, weights[1][name], atol=2e-5), name
    said = capfd.readouterr().err
    assert said.count("out of memory") == 2
    assert "out of memory: going on with 10 rows at a time\nout of memory: going on with 5 rows at a time\n" in said
    assert training.summary()["micro_batch"] == 5
    assert max(sizes[3:]) == 5, "later batches are not tried whole again"
    assert training.steps == 10


def test_a_short_last_batch_halves_itself_and_not_the_limit(shape, task, tokens):
    """The rows at once come from the batch that failed, not from larger ones before it."""
    torch.manual_seed(0)
    model = new_classifier(shape, 60, task, dropout=0.0)
    micro_batches = BatchSplitter(model.zero_grad)
    micro_batches.rows = 64
    objective, sizes = needs_memory_for_more_than(3)
    micro_batches.backward(objective, model, Rows(tokens, CPU).batch(np.arange(7)))
    assert sizes == [7, 4, 2, 2, 2, 1]
    assert micro_batches.rows == 2


def test_a_single_row_that_does_not_fit_is_the_users_to_solve(model, tokens):
    objective, sizes = needs_memory_for_more_than(0)
    with pytest.raises(UserError, match="out of memory with a single row at a time"):
        train(model, RowBatches(tokens, 5, 1, CPU), objective, FinetuneSettings(epochs=1), TrainingContext(CPU))
    assert sizes == [5, 3, 2, 1]


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_other_errors_are_not_taken_for_a_want_of_memory(model, tokens, error):
    calls = []

    def objective(model, batch):
        calls.append(batch.size)
        if error is RuntimeError:
            return {"loss": torch.zeros(2, 3) @ torch.zeros(2, 3)}
        raise ValueError("of another kind")

    with pytest.raises(error, match=r"cannot be multiplied|of another kind"):
        train(model, RowBatches(tokens, 8, 1, CPU), objective, FinetuneSettings(epochs=1), TrainingContext(CPU))
    assert calls == [8]


def test_a_process_that_runs_out_of_memory_goes_on_with_fewer_rows():
    program = """
import resource
import numpy as np
import torch
from multipress.training.batches import RowBatches
from multipress.model.bert import BertClassifier, BertConfig
from multipress.compression.finetune.settings import FinetuneSettings
from multipress.data.tokens import Tokens
from multipress.training.objectives import task_objective
from multipress.training.loop import TrainingContext, train

torch.set_num_threads(1)
torch.manual_seed(0)
cpu, rows, length = torch.device("cpu"), 64, 256
config = BertConfig(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=8, intermediate_size=32)
ids = np.random.default_rng(0).integers(5, 50, rows * length).astype(np.int32)
tokens = Tokens(
    ids, np.arange(rows + 1) * length, np.full(rows, length, np.int32), np.arange(rows) % 2.0, np.arange(rows)
)
batches, objective = RowBatches(tokens, 32, 1, cpu), task_objective("classification")
model = BertClassifier(config)
objective(model.train(), next(batches.epoch(0)).split(1)[0][0])["loss"].backward()  # what is loaded once is loaded
model.zero_grad(set_to_none=True)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 350_000_000, used + 350_000_000))  # a batch wants some 500 MB
training = train(model, batches, objective, FinetuneSettings(epochs=1, batch_size=32), TrainingContext(cpu))
print(training.steps, training.summary()["micro_batch"])
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=120
    )
    assert result.returncode == 0, result.stderr
    steps, rows = map(int, result.stdout.split())
    assert steps == 2
    assert rows in (8, 16)
    assert f"out of memory: going on with {rows} rows at a time\n" in result.stderr
