"""Trainings that end before their time and go on in fresh objects: the bits of an undisturbed run."""

import os
import signal
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.compression.prune.masks import Pruner, magnitude_masks
from multipress.compression.prune.settings import PruneSettings
from multipress.compression.quantize.grid_weights import GridWeights
from multipress.compression.quantize.layers import insert_quantizers
from multipress.compression.quantize.observation import observe_activations
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.core.errors import Interrupted
from multipress.data.tokens import Tokens
from multipress.model.bert import BertConfig, BertMaskedModel
from multipress.model.build import new_classifier
from multipress.training import history, saved_states
from multipress.training.batches import RowBatches
from multipress.training.inference import compute_logits
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.training.optimizer import LARGE_TABLE
from multipress.training.pretraining import MaskedBatches, masked_objective
from multipress.training.saved_states import StateFolder
from multipress.training.zeros import MaskKeeper, prunable_weights

CPU = torch.device("cpu")
LARGE = LARGE_TABLE // 16
SETTINGS = {"epochs": 3, "batch_size": 8, "learning_rate": 3e-3}
LONG = SETTINGS | {"epochs": 7}


class Run:
    """A training of 36 steps, or of 84 with a large vocabulary; every call of ``train`` starts with new objects."""

    def __init__(self, kind, shape, task, tokens):
        self.kind, self.shape, self.task = kind, shape, task
        self.large = "large vocabulary" in kind
        self.tokens = spread(tokens) if self.large else tokens
        self.total = 84 if self.large else 36

    def train(self, seed, folder=None, disturb=None, seconds=1000.0):
        """Train, with ``disturb(call)`` before each call of the objective; model, history and hooks' sparsity."""
        torch.manual_seed(0)
        model, batches, objective, settings, hooks = self._parts()
        torch.manual_seed(seed)
        calls = 0

        def disturbed(model, batch):
            nonlocal calls
            calls += 1
            if disturb:
                disturb(calls)
            return objective(model, batch)

        context = TrainingContext(
            CPU,
            hooks=hooks,
            states=folder and StateFolder(folder, seconds),
            dev_score=None if self.kind == "masked language model" else self._dev_score,
        )
        training = train(model, batches, disturbed, settings, context)
        assert training.steps == self.total
        return model, training

    def _parts(self):
        settings = LONG if self.large else SETTINGS
        if self.kind == "masked language model":
            return *masked_language_model(), masked_objective, FinetuneSettings(**settings), []
        model = new_classifier(self.shape, LARGE if self.large else 60, self.task, dropout=0.1)
        batches = RowBatches(self.tokens, 8, 1, CPU)
        objective = task_objective("classification")
        if self.kind == "pruning":
            pruning = PruneSettings(**settings, update_every=4)
            return model, batches, objective, pruning, [Pruner(model, pruning, 0.6)]
        if "quantization" in self.kind:
            weights = prunable_weights(model)
            for name, mask in magnitude_masks(weights, 0.5, "layer").items():
                weights[name].data.mul_(mask)
            ranges = "learned" if "learned" in self.kind else "minmax"
            quantization = QuantizeSettings(**settings, weight_granularity="channel", activation_range=ranges)
            insert_quantizers(model, scheme_of(quantization, 8))
            if ranges == "learned":
                observe_activations(model, islice(batches.epoch(0), 2))
            return model, batches, objective, quantization, [GridWeights(model), MaskKeeper(model)]
        return model, batches, objective, FinetuneSettings(**settings), []

    def _dev_score(self, model):
        return float(compute_logits(model, self.tokens, 32, CPU).astype(np.float64).sum())


def spread(tokens):
    """The rows with their tokens spread over a large vocabulary."""
    ids = np.where(tokens.ids < 8, tokens.ids, tokens.ids * 997 % LARGE).astype(np.int32)
    return Tokens(ids, tokens.offsets, tokens.first_lengths, tokens.labels, tokens.idx)


def masked_language_model():
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{number}" for number in range(45))]
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = BertMaskedModel(BertConfig(vocab_size=50, **shape))
    sequences = np.random.default_rng(0).integers(5, 50, (96, 12)).astype(np.int32)
    return model, MaskedBatches(sequences, tokenizer, 0.15, 8, seed=1, device=CPU)


KINDS = [
    "plain",
    "large vocabulary",
    "pruning",
    "quantization of a pruned parent",
    "quantization with a large vocabulary",
    "quantization with learned ranges",
    "masked language model",
]


@pytest.fixture
def run(request, shape, task, tokens, monkeypatch):
    monkeypatch.setattr(history, "LOGGED_STEPS", 10)  # a row then takes several steps, and interruptions fall into it
    return Run(getattr(request, "param", "plain"), shape, task, tokens)


def sigterm_at(call):
    return lambda current: os.kill(os.getpid(), signal.SIGTERM) if current == call else None


def crash_at(call):
    def disturb(current):
        if current == call:
            raise ZeroDivisionError("a crash")

    return disturb


def weights_of(model):
    return {name: tensor.detach() for name, tensor in (*model.named_parameters(), *model.named_buffers())}


def rows_of(training):
    return [{name: value for name, value in row.items() if name != "examples_per_second"} for row in training.rows]


def assert_same(result, expected):
    (model, training), (expected_model, expected_training) = result, expected
    weights, expected_weights = weights_of(model), weights_of(expected_model)
    assert weights.keys() == expected_weights.keys()
    for name, weight in weights.items():
        assert torch.equal(weight, expected_weights[name]), name
    assert rows_of(training.history) == rows_of(expected_training.history)


def steps_of(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("run", KINDS, indirect=True)
def test_a_training_interrupted_three_times_ends_with_the_same_bits(run, tmp_path, capfd):
    """In mid-epoch, after the very next step, and at an epoch's end."""
    expected = run.train(seed=1)
    stops = [5, 6, 24] if run.total == 36 else [66, 67, 72]
    done = 0
    for stop in stops:
        with pytest.raises(Interrupted):
            run.train(1 if done == 0 else 100 + stop, tmp_path, sigterm_at(stop - done))
        done = stop
        assert f"{stop:09d}.json" in steps_of(tmp_path)
    assert_same(run.train(200, tmp_path), expected)
    said = capfd.readouterr().err
    for stop in stops:
        assert f"resuming at step {stop} of {run.total}\n" in said
    assert expected[1].history.rows[-1]["loss"] != expected[1].history.rows[0]["loss"]


def test_another_seed_gives_other_bits(run):
    """Else the comparison above would say nothing about random numbers."""
    one, other = run.train(seed=1), run.train(seed=2)
    assert not torch.equal(one[0].classifier.weight, other[0].classifier.weight)


@pytest.mark.parametrize("run", KINDS, indirect=True)
def test_a_training_that_saves_at_every_step_is_not_changed_by_it_nor_by_a_crash(run, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(saved_states, "SHARE_OF_TIME", 0)
    expected = run.train(seed=1)
    crash = run.total - 3
    with pytest.raises(ZeroDivisionError):
        run.train(1, tmp_path, crash_at(crash), seconds=0)
    names = [f"{step:09d}.{end}" for step in (crash - 2, crash - 1) for end in ("json", "safetensors")]
    assert steps_of(tmp_path) == names, "the latest two are kept"
    assert_same(run.train(200, tmp_path, seconds=0), expected)
    assert f"resuming at step {crash - 1} of" in capfd.readouterr().err


@pytest.fixture
def crashed(run, tmp_path, monkeypatch, capfd):
    """The folder of a run that crashed with the states of steps 9 and 10."""
    monkeypatch.setattr(saved_states, "SHARE_OF_TIME", 0)
    with pytest.raises(ZeroDivisionError):
        run.train(1, tmp_path, crash_at(11), seconds=0)
    capfd.readouterr()
    return tmp_path


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


DAMAGES = {
    "a torn manifest": (halve, "json"),
    "an empty manifest": (empty, "json"),
    "a manifest of another kind": (lambda path: path.write_text("[1]"), "json"),
    "a manifest that lacks a key": (lambda path: path.write_text('{"step": 10}'), "json"),
    "a manifest that is no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "json"),
    "truncated tensors": (halve, "safetensors"),
    "empty tensors": (empty, "safetensors"),
    "a flipped bit": (flip_a_bit, "safetensors"),
    "missing tensors": (Path.unlink, "safetensors"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_where_the_latest_state_is_damaged_the_one_before_is_taken(run, crashed, damage, capfd):
    do, ending = damage
    do(crashed / f"000000010.{ending}")
    assert_same(run.train(200, crashed), run.train(seed=1))
    said = capfd.readouterr().err.splitlines()
    assert said[0].startswith("the saved state 000000010 is damaged (")
    assert said[0].endswith("): refused")
    assert said[1] == "resuming at step 9 of 36"
    assert "000000010.json" not in steps_of(crashed)


def test_tensors_without_a_manifest_are_no_state(run, crashed, capfd):
    (crashed / "000000010.json").unlink()
    assert_same(run.train(200, crashed), run.train(seed=1))
    assert capfd.readouterr().err.startswith("resuming at step 9 of 36\n")


def test_where_both_states_are_damaged_the_training_starts_anew(run, crashed, capfd):
    halve(crashed / "000000010.json")
    halve(crashed / "000000009.safetensors")
    assert_same(run.train(1, crashed), run.train(seed=1))
    said = capfd.readouterr().err
    assert said.startswith("the saved state 000000010 is damaged (")
    assert "the saved state 000000009 is damaged (its checksum differs): refused\n" in said
    assert "resuming" not in said


def test_an_interruption_says_what_is_kept_and_gives_the_signals_back(run, tmp_path):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match=r"SIGTERM received after step 4 of 36: its state is saved") as caught:
        run.train(1, tmp_path, sigterm_at(4))
    assert caught.value.exit_code == 143
    assert steps_of(tmp_path) == ["000000004.json", "000000004.safetensors"]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_ctrl_c_interrupts_with_its_own_code_and_without_states_nothing_is_saved(run):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match=r"SIGINT received after step 4 of 36: nothing is saved") as caught:
        run.train(1, None, lambda call: os.kill(os.getpid(), signal.SIGINT) if call == 4 else None)
    assert caught.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("disturb", [None, crash_at(3)], ids=["an end", "a crash"])
def test_the_signals_are_given_back_after(run, disturb):
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    during = []

    def look(call):
        during.append([signal.getsignal(number) for number in numbers])
        if disturb:
            disturb(call)

    if disturb:
        with pytest.raises(ZeroDivisionError):
            run.train(1, None, look)
    else:
        run.train(1, None, look)
    assert all(mine != theirs for mine, theirs in zip(during[0], before, strict=True))
    assert [signal.getsignal(number) for number in numbers] == before


def test_under_nohup_a_closed_terminal_interrupts_nothing(run, tmp_path):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run.train(1, tmp_path, lambda call: os.kill(os.getpid(), signal.SIGHUP))
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_in_the_last_step_comes_too_late_to_interrupt(run, tmp_path):
    assert_same(run.train(1, tmp_path, sigterm_at(run.total)), run.train(seed=1))


def test_a_training_in_another_thread_than_the_first_works_without_signals(run):
    results = []
    thread = threading.Thread(target=lambda: results.append(run.train(seed=1)))
    thread.start()
    thread.join()
    assert len(results) == 1


def test_a_step_that_takes_longer_than_the_scheduler_waits_is_abandoned():
    program = """
import os, signal, time
from multipress.training import signals
signals.SECONDS = 0.2
with signals.Interruption():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=30
    )
    assert result.returncode == 143
    assert result.stderr == "SIGTERM: no time to save; the last saved state stays\n"


def test_a_state_is_due_after_the_interval_and_never_costs_more_than_its_share_of_time(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(saved_states.time, "monotonic", lambda: now[0])
    folder = StateFolder(tmp_path, 30.0)
    now[0] += 29.9
    assert not folder.is_due
    now[0] += 0.2
    assert folder.is_due
    monkeypatch.setattr(saved_states, "sha256", lambda file: now.__setitem__(0, now[0] + 5.0) or "a slow disk")
    folder.save(1, {"weight": torch.zeros(2)}, {})
    now[0] += 99.0
    assert not folder.is_due
    now[0] += 2.0
    assert folder.is_due


def test_a_finished_job_leaves_no_state(run, tmp_path):
    with pytest.raises(Interrupted):
        run.train(1, tmp_path / "job", sigterm_at(4))
    StateFolder(tmp_path / "job", 0).clear()
    assert list(tmp_path.iterdir()) == []
    assert StateFolder(tmp_path / "job", 0).load() is None
