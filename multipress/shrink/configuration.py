"""The configuration of the study, as a person would write it: config.yaml's keys, and why each value is what it is."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multipress.core.files import replacing
from multipress.data.glue import GLUE
from multipress.shrink.candidates import REFERENCE, Candidate, Epochs, Target, variants_of
from multipress.shrink.encoder import ARCH, Encoder
from multipress.shrink.parts import TEXT_COLUMNS
from multipress.shrink.scores import CONFIDENCE

FILE = "config.yaml"

_CROSSED = ("ft-int8",)
"""Recipes that are in the cross where they are chosen; all others stand beside it."""


@dataclass(frozen=True)
class Study:
    """What a configuration is made of."""

    source: str
    """The user's file and columns, for people."""
    task: str
    names: list[str] | None
    is_pair: bool
    metric: str
    encoder: Encoder
    chosen: Sequence[Candidate]
    left_out: Sequence[Candidate]
    epochs: Epochs
    max_length: int
    within: float
    target: Target
    threads: int
    max_train_rows: int | None = None


def task_name(file: Path) -> str:
    """A name for the task of a file: its own in letters, digits and underscores."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", file.stem).strip("_").lower()
    return f"own_{name}" if name in GLUE or not name or name in ("pooled", "na") else name


def epochs_for(rows: int) -> Epochs:
    """More of few rows: with less than a thousand steps a BERT is not done, and fails more often.

    Mosbach et al. (2021) find 20 epochs better on GLUE's small tasks; later steps train on, so half of it is enough.
    """
    first = min(10.0, max(3.0, round(30_000 / rows)))
    return Epochs(first, max(1.0, round(first / 3)))


def learning_rate(hidden: int) -> float:
    """Devlin et al. (2019) for large and base; smaller ones bear more (Turc et al. 2019)."""
    for least, rate in ((1024, 2e-5), (768, 5e-5), (256, 1e-4)):
        if hidden >= least:
            return rate
    return 3e-4


def batch_size(rows: int) -> int:
    """The smaller one for few rows, that there are more steps."""
    return 16 if rows < 2_000 else 32


def write(study: Study, folder: Path, rows: int) -> Path:
    """Write the configuration for so many training rows, and return its path."""
    path = folder / FILE
    with replacing(path) as temporary:
        temporary.write_text(_text(study, rows), encoding="utf-8")
    return path


def _text(study: Study, rows: int) -> str:
    shape, task = study.encoder.shape, study.task
    crossed = [candidate.recipe for candidate in study.chosen if candidate.recipe in _CROSSED]
    cross = [["ft"], *([[recipe.removeprefix("ft-")] for recipe in crossed])]
    beside = [each.recipe for each in study.chosen if each.recipe not in (REFERENCE, *crossed)]
    left = [each.recipe for each in study.left_out]
    columns = list(TEXT_COLUMNS[: 2 if study.is_pair else 1])
    variants = {
        name: f"{{step: {step}, set: {{objective: logits}}}}" for name, step in variants_of(study.chosen).items()
    }
    rate, size = learning_rate(shape.hidden), batch_size(rows)
    common = f"batch_size: {size}"
    return f"""\
# Made by multipress shrink from {_plain(study.source)}.
# The keys are those of multipress' own config.yaml, which says more of each. Change what you like: the next call makes
# what that makes stale, and no more.

results: results

study:
  tasks: [{task}]
  # The encoder {_plain(study.encoder.name)}. Fine-tuned and not compressed (ft), it is what
  # all others are held to, and their teacher.
  architectures: [{ARCH}]
  seeds: [1]
  sparsities: null
  bits: null
  cross: {_flow(cross)}
  # l<n>taught: so many of its layers, taught by the whole; f50taught: half of the feed-forward neurons, likewise; ptq8:
  # 8 bits, without training; int8: trained with 8 bits; ter: trained with ternary weights.
  recipes: {_flow(beside)}
{f"  # Left out for want of time: {', '.join(left)}." + chr(10) if left else ""}
custom_architectures:
  {ARCH}: {{layers: {shape.layers}, hidden: {shape.hidden}, heads: {shape.heads}, feed_forward: {shape.feed_forward}}}

custom_tasks:
  {task}:
    kind: {"regression" if study.names is None else "classification"}
    # train.parquet and validation.parquet; test.parquet beside them is read when all is chosen, and not before.
    folder: data
    text_columns: {_flow(columns)}
    label_column: label
    labels: {_flow(study.names)}
    metric: {study.metric}

variants: {_block(variants)}
data:
  # null: all rows of train.parquet.
  max_train_rows: {_flow(study.max_train_rows)}

tokenizer: {{source: folder, folder: encoders/{ARCH}, lowercase: {_flow(study.encoder.lowercase)}}}
encoder: {{source: folder, folder: encoders}}

tokenize:
  # 99 % of the rows are no longer.
  max_length: {study.max_length}

augment:
  # Synonyms are English; with copies: 1 and distill.augment there are some.
  copies: 0
  lexicon: builtin

# Passes over the training rows: more of few rows.
finetune: {{epochs: {study.epochs.first:g}, {common}, learning_rate: {rate:g}}}
distill: {{epochs: {study.epochs.first:g}, {common}, learning_rate: {rate:g}, augment: false}}
reduce_layers: {{epochs: {study.epochs.first:g}, {common}}}
prune_neurons: {{epochs: {study.epochs.first:g}, {common}}}
quantize: {{epochs: {study.epochs.later:g}, {common}}}
ternarize: {{epochs: {study.epochs.first:g}, {common}}}

analyze:
  # Points of {study.metric} that a smaller model may lose, with {CONFIDENCE:.0%} confidence.
  tolerance: {study.within:g}
  confidence: {CONFIDENCE:g}

latency: {{tasks: []}}
plot: {{paper_points: false}}
runtime: {{threads: {study.threads}}}
storage: {{dvc: false}}
overrides: []
"""


def _flow(value: object) -> str:
    """A value as YAML in one line: JSON is some."""
    return json.dumps(value, ensure_ascii=False)


def _block(values: dict[str, str]) -> str:
    if not values:
        return "{}\n"
    return "".join(f"\n  {name}: {value}" for name, value in values.items()) + "\n"


def _plain(text: str) -> str:
    """In one line, for a comment."""
    return " ".join(text.split())
