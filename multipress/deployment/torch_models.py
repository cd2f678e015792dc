"""Models that PyTorch computes, a folder or a packed file, on the CPU."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from multipress.compression.rebuild import load_model
from multipress.data.text_format import TextFormat
from multipress.data.tokens import Tokens
from multipress.deployment.packed_models import load_packed
from multipress.model.bert import BertClassifier
from multipress.model.config import BertConfig
from multipress.training.inference import logits_in_batches

Logits = Callable[[Tokens, int], np.ndarray]


def open_folder(folder: Path, threads: int) -> tuple[Logits, BertConfig]:
    """What computes the model of a folder, and its configuration.

    Raises:
        UserError: a file is missing or damaged.
    """
    model = load_model(folder)
    return _logits(model, threads), model.config


def open_packed(path: Path, threads: int) -> tuple[Logits, BertConfig, TextFormat]:
    """What computes a packed model, its configuration, and the form of its rows.

    Raises:
        UserError: the file is missing, damaged or no packed model.
    """
    model, packed = load_packed(path)
    return _logits(model, threads), model.config, packed.text


def _logits(model: BertClassifier, threads: int) -> Logits:
    def compute(tokens: Tokens, batch_size: int) -> np.ndarray:
        with _threads(threads):
            return logits_in_batches(model, model.config.outputs, tokens, batch_size, torch.device("cpu"))

    return compute


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Let PyTorch compute with ``number`` threads, and restore the former number afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
