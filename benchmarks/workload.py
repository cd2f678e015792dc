"""What the benchmarks train: real tokens where a file is given, else rows like those of SST-2."""

import argparse
from pathlib import Path

import numpy as np
import torch

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.data.token_files import read_tokens
from multipress.data.tokens import Tokens
from multipress.model.bert import BertClassifier
from multipress.model.build import bert_config
from multipress.model.paper_shapes import PAPER
from multipress.model.shape import ArchitectureSpec

VOCABULARY = 30_522
BATCH = 32
LEARNING_RATE = 1e-4


def add_workload(to: argparse.ArgumentParser, architectures: list[str]) -> None:
    """Add the arguments that say what is trained, and where."""
    shapes = f"of {', '.join(PAPER)}, or a shape: layers, hidden, heads and feed_forward, as 6x384x12x1536"
    to.add_argument("--arch", nargs="+", type=_arch, default=architectures, help=shapes)
    to.add_argument("--tokens", type=Path, help="token file of the workflow; default: generated rows like SST-2's")
    to.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    to.add_argument("--threads", type=int, default=2)
    to.add_argument("--rounds", type=int, default=5, help="each round measures everything once; the median is printed")


def _arch(name: str) -> str:
    shape_of(name)
    return name


def shape_of(arch: str) -> ArchitectureSpec:
    """The shape of one of the paper's architectures, or that which the name says.

    Raises:
        ValueError: it says none.
    """
    if arch in PAPER:
        return PAPER[arch]
    names = ("layers", "hidden", "heads", "feed_forward")
    return ArchitectureSpec(**dict(zip(names, map(int, arch.split("x")), strict=True)))


def read_workload(path: Path | None) -> Tokens:
    """The rows of a token file, or generated ones."""
    return read_tokens(path) if path else generated_rows(20_000)


def generated_rows(count: int) -> Tokens:
    """Rows of 13 tokens on average, lengths geometric, word frequencies after Zipf's law, random labels."""
    generator = np.random.default_rng(0)
    lengths = np.minimum(3 + generator.geometric(1 / 10.3, count), 64)
    ids = np.minimum(999 + generator.zipf(1.3, lengths.sum()), VOCABULARY - 1).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    ids[offsets[:-1]], ids[offsets[1:] - 1] = 101, 102
    labels = generator.integers(0, 2, count).astype(np.float64)
    return Tokens(ids, offsets, lengths.astype(np.int32), labels, np.arange(count))


def new_model(arch: str, dropout: float = 0.1, seed: int = 0) -> BertClassifier:
    """A two-label classifier with random weights."""
    torch.manual_seed(seed)
    return BertClassifier(bert_config(shape_of(arch), VOCABULARY, dropout))


def settings(steps: int, per_epoch: int) -> FinetuneSettings:
    """So many steps of fine-tuning."""
    return FinetuneSettings(epochs=steps / per_epoch, batch_size=BATCH, learning_rate=LEARNING_RATE)


def synchronize(device: torch.device) -> None:
    """Wait for what a GPU still has to do."""
    if device.type == "cuda":
        torch.cuda.synchronize()
