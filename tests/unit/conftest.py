"""Miniature models and rows that several tests train on."""

import runpy
import signal
import sys

import numpy as np
import pytest
import torch

from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.model.build import new_classifier
from multipress.model.shape import ArchitectureSpec

VOCABULARY = 60


@pytest.fixture
def shape():
    return ArchitectureSpec(layers=2, hidden=16, heads=2, feed_forward=32)


@pytest.fixture
def task():
    return PreparedTask(kind="classification", labels=["no", "yes"])


@pytest.fixture
def model(shape, task):
    torch.manual_seed(0)
    return new_classifier(shape, VOCABULARY, task, dropout=0.0)


@pytest.fixture
def tokens():
    """Rows of 4 to 11 tokens whose label says whether token 7 is among them."""
    generator = np.random.default_rng(0)
    rows, labels = [], []
    for number in range(96):
        body = generator.integers(8, VOCABULARY, generator.integers(2, 10))
        if number % 2:
            body[generator.integers(len(body))] = 7
        rows.append(np.concatenate([[2], body, [3]]))
        labels.append(number % 2)
    lengths = np.array([len(row) for row in rows])
    return Tokens(
        ids=np.concatenate(rows).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        first_lengths=lengths.astype(np.int32),
        labels=np.array(labels, dtype=np.float64),
        idx=np.arange(96),
    )


@pytest.fixture
def in_process(monkeypatch, capsys):
    """A function that runs a script that fails, without another process, and returns its message."""
    handler = signal.getsignal(signal.SIGTERM)

    def fail(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        monkeypatch.delitem(sys.modules, f"workflow_scripts.{name}", raising=False)
        with pytest.raises(SystemExit) as end:
            runpy.run_module(f"workflow_scripts.{name}", run_name="__main__", alter_sys=True)
        assert end.value.code == 1
        return capsys.readouterr().err.splitlines()[-1]

    yield fail
    signal.signal(signal.SIGTERM, handler)
