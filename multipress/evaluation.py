"""One evaluation for every model: the same metrics, sizes and predictions whatever the recipe."""

import functools
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from multipress import recipes, sizes
from multipress.checkpoints import vocabulary_size
from multipress.config.architectures import ArchitectureSpec
from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.errors import UserError
from multipress.files import read_json
from multipress.inference import compute_logits, predict
from multipress.metrics import score_all
from multipress.models import parameter_counts
from multipress.pruning import prunable_weights
from multipress.quantization import quantized_weights
from multipress.restore import load_model


@dataclass(frozen=True)
class Subject:
    """A model to evaluate, and what the results table says of its task."""

    task: str
    data: str
    """Where the rows come from: hub, folder or synthetic."""
    metric: str
    """The primary metric."""
    arch: str
    recipe: str
    seed: int
    folder: Path


def evaluate_model(
    subject: Subject,
    task: PreparedTask,
    shape: ArchitectureSpec,
    dev_sets: dict[str, Tokens],
    batch_size: int,
    device: torch.device,
) -> tuple[dict[str, Any], pa.Table]:
    """The model's record for the results table, and its predictions on every dev set.

    Scores are 100 times the primary metric on the split ``dev``; metrics of a further set dev_x carry the suffix _x.
    """
    model = load_model(subject.folder)
    started = time.perf_counter()
    outputs = {split: compute_logits(model, tokens, batch_size, device) for split, tokens in dev_sets.items()}
    seconds = time.perf_counter() - started
    metrics: dict[str, float] = {}
    for split, logits in outputs.items():
        values = score_all(task.kind, dev_sets[split].labels, predict(task.kind, logits), len(task.labels or []))
        metrics |= {name + split.removeprefix("dev"): value for name, value in values.items()}
    record = {
        "task": subject.task,
        "arch": subject.arch,
        "recipe": subject.recipe,
        "seed": subject.seed,
        "data": subject.data,
        "metric": subject.metric,
        "score": 100 * metrics[subject.metric],
        **metrics,
        "rows": len(dev_sets["dev"]),
        **size_fields(model, subject, shape),
        **training_fields(subject.folder),
        "evaluate_seconds": round(seconds, 3),
    }
    tables = [
        _prediction_table(subject, split, dev_sets[split], task.kind, logits) for split, logits in outputs.items()
    ]
    return record, pa.concat_tables(tables)


def training_fields(folder: Path) -> dict[str, Any]:
    """Wall seconds of the model's own training step, and its rows at once where memory did not suffice for a batch.

    Raises:
        UserError: training.json is missing or does not say.
    """
    try:
        training = read_json(folder / "training.json")
        return {"train_seconds": float(training["seconds"]), "micro_batch": training["micro_batch"]}
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{folder}/training.json names no seconds; rerun the rule that makes the model") from None


def size_fields(model: torch.nn.Module, subject: Subject, shape: ArchitectureSpec) -> dict[str, Any]:
    """Parameters and sizes in MB (10^6 bytes), each size with and without embeddings."""
    parameters, nonzero = parameter_counts(model)
    vocabulary = vocabulary_size(subject.folder)
    sparsity, bits = recipes.sparsity(subject.recipe), recipes.bits(subject.recipe)
    pruned = prunable_weights(model) if sparsity else {}
    deployed = functools.partial(
        sizes.deployed_mb, _tensor_counts(model, pruned, sparsity), bits, quantized_weights(model), pruned
    )
    return {
        "parameters": parameters,
        "nonzero": nonzero,
        "paper_mb": sizes.paper_mb(shape, vocabulary, sparsity, bits),
        "paper_mb_no_embeddings": sizes.paper_mb(shape, vocabulary, sparsity, bits, with_embeddings=False),
        "deployed_mb": deployed(),
        "deployed_mb_no_embeddings": deployed(with_embeddings=False),
    }


def _tensor_counts(model: torch.nn.Module, pruned: Collection[str], sparsity: float) -> list[sizes.TensorCount]:
    """Every parameter, and the limits of every activation range: what a deployed model cannot do without.

    Of a pruned matrix the recipe's share is gone; zeros that rounding made count, as they do in unpruned models.
    """
    ranges = {name: buffer for name, buffer in model.named_buffers() if name.endswith((".low", ".high"))}
    return [
        sizes.TensorCount(name, tensor.numel(), round(tensor.numel() * (1 - sparsity if name in pruned else 1)))
        for name, tensor in [*model.named_parameters(), *ranges.items()]
    ]


def _prediction_table(subject: Subject, split: str, tokens: Tokens, kind: str, logits: np.ndarray) -> pa.Table:
    rows = len(tokens)
    return pa.table(
        {
            "recipe": pa.array([subject.recipe] * rows),
            "split": pa.array([split] * rows),
            "idx": tokens.idx,
            "label": tokens.labels,
            "prediction": predict(kind, logits).astype(np.float64),
            "logits": pa.FixedSizeListArray.from_arrays(pa.array(logits.ravel()), logits.shape[1]),
        }
    )
