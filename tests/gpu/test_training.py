"""What a training does on a GPU that it does nowhere else: bfloat16, less memory than a batch takes, a forked job."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.core import devices
from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.model.build import new_classifier
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import RowBatches
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.workflow.environment import ROOT

GPU = torch.device("cuda")
WIDE = ArchitectureSpec(layers=2, hidden=256, heads=4, feed_forward=1024)
TASK = PreparedTask(kind="classification", labels=["no", "yes"])
MIB = 1 << 20


def rows(count, length):
    generator = np.random.default_rng(0)
    ids = generator.integers(10, 500, count * length).astype(np.int32)
    lengths = np.full(count, length, np.int32)
    labels = generator.integers(0, 2, count).astype(np.float64)
    return Tokens(ids, np.arange(count + 1) * length, lengths, labels, np.arange(count))


def trained(tokens, batch_size, bfloat16=False, steps=4):
    torch.manual_seed(0)
    model = new_classifier(WIDE, 500, TASK, dropout=0.0)
    batches = RowBatches(tokens, batch_size, 0, GPU)
    settings = FinetuneSettings(epochs=steps / batches.per_epoch, batch_size=batch_size, learning_rate=1e-4)
    training = train(
        model, batches, task_objective("classification"), settings, TrainingContext(GPU, bfloat16=bfloat16)
    )
    return training, torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).cpu()


@pytest.fixture
def little_memory():
    """Room for the model and a part of a batch alone."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(GPU).total_memory
    torch.cuda.set_per_process_memory_fraction(600 * MIB / total)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_batch_without_room_is_computed_in_parts_to_the_same_weights(little_memory):
    tokens = rows(512, 256)
    training, weights = trained(tokens, 128)
    assert training.micro_batch in (8, 16, 32, 64)
    torch.cuda.set_per_process_memory_fraction(1.0)
    whole, expected = trained(tokens, 128)
    assert whole.micro_batch is None
    assert (weights - expected).abs().max() < 1e-4


FULL = """
import argparse, torch
from multipress.core.command_line import run_command

def main(parsed):
    torch.cuda.set_per_process_memory_fraction(1e-5)
    torch.ones(1 << 24, device="cuda")

run_command(main, argparse.ArgumentParser())
"""


def test_a_full_gpu_is_one_line():
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("-c: error: CUDA out of memory. Tried to allocate 64.00 MiB.")
    assert done.stderr.endswith("or set runtime.device to cpu\n")
    assert done.stderr.count("\n") == 1


def test_bfloat16_trains_nearly_the_same_weights():
    tokens = rows(256, 32)
    expected, found = trained(tokens, 32)[1], trained(tokens, 32, bfloat16=True)[1]
    assert 0 < (found - expected).abs().max() < 1e-3


@pytest.mark.parametrize(("precision", "expected"), [("auto", True), ("float32", False), ("bfloat16", True)])
def test_auto_takes_bfloat16_where_the_gpu_has_it(precision, expected):
    assert devices.uses_bfloat16(precision, GPU) == (expected and torch.cuda.is_bf16_supported())


def test_what_a_worker_loads_leaves_the_gpu_to_its_children():
    """CUDA cannot be used in a fork of a process that has begun to use it."""
    code = (
        "import os; from multipress.workflow.worker import libraries; libraries.load(); child = os.fork()\n"
        "if child:\n    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "import torch; print(float(torch.ones(2, device='cuda').sum()))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (process.stdout, process.returncode) == ("2.0\n", 0), process.stderr
