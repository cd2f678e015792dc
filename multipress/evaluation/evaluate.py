"""One evaluation for every model: the same metrics, sizes and predictions whatever the recipe."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from multipress.compression.rebuild import Checkpoint, open_checkpoint
from multipress.compression.steps_file import ModelSteps
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.data.prepared import PreparedTask
from multipress.data.tokens import Tokens
from multipress.deployment.packed_file import packed_sizes
from multipress.deployment.stored_tensors import from_model
from multipress.evaluation.exits import exit_fields
from multipress.evaluation.exported import Exported
from multipress.evaluation.metrics import majority_score, primary_score, score_all
from multipress.evaluation.paper_size import paper_mb
from multipress.evaluation.parity import changed, logits_gaps
from multipress.evaluation.record import DEPLOYED, TRAINED
from multipress.evaluation.stored_size import deployed_mb, entropy_mb, without_embeddings
from multipress.model.build import parameter_counts
from multipress.training.inference import compute_logits, predict


@dataclass(frozen=True)
class EvaluatedModel:
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
    packed: Path | None = None
    """The packed file, where there is one."""
    deployed: Exported | None = None
    """The exported model, where there is one."""


def evaluate_model(
    subject: EvaluatedModel,
    task: PreparedTask,
    dev_sets: dict[str, Tokens],
    batch_size: int,
    device: torch.device,
) -> tuple[dict[str, Any], pa.Table]:
    """The model's record for the results table, and its predictions on every dev set.

    Scores are 100 times the primary metric on the split ``dev``; metrics of a further set dev_x carry the suffix _x.

    Raises:
        UserError: a model's predictions are not finite, or the primary metric has no value on the dev set.
    """
    checkpoint = open_checkpoint(subject.folder)
    model = checkpoint.model
    sizes = size_fields(checkpoint, subject.packed)
    started = time.perf_counter()
    outputs = {split: compute_logits(model, tokens, batch_size, device) for split, tokens in dev_sets.items()}
    seconds = time.perf_counter() - started
    metrics: dict[str, float] = {}
    for split, logits in outputs.items():
        values = _score(task, dev_sets[split], logits)
        metrics |= {name + split.removeprefix("dev"): value for name, value in values.items()}
    dev, dev_set = dev_sets["dev"], f"the dev set of {subject.task}"
    record = {
        "task": subject.task,
        "arch": subject.arch,
        "recipe": subject.recipe,
        "seed": subject.seed,
        "data": subject.data,
        "metric": subject.metric,
        "score": primary_score(subject.metric, metrics, dev_set),
        "score_majority": majority_score(task.kind, subject.metric, dev.labels, len(task.labels or []), dev_set),
        **deployed_fields(subject, task, dev, outputs["dev"]),
        **metrics,
        "rows": len(dev),
        **sizes,
        **trained_fields(checkpoint.steps),
        **exit_fields(model, task, subject.metric, dev, batch_size, device),
        **training_fields(subject.folder),
        "evaluate_seconds": round(seconds, 3),
    }
    tables = [
        _prediction_table(subject, split, dev_sets[split], task.kind, logits) for split, logits in outputs.items()
    ]
    return record, pa.concat_tables(tables)


def _score(task: PreparedTask, tokens: Tokens, logits: np.ndarray) -> dict[str, float]:
    return score_all(task.kind, tokens.labels, predict(task.kind, logits), len(task.labels or []))


def deployed_fields(
    subject: EvaluatedModel, task: PreparedTask, dev: Tokens, logits: np.ndarray
) -> dict[str, float | None]:
    """Score and size of the exported model, and how far its logits and predictions are from the checkpoint's."""
    if subject.deployed is None:
        return dict.fromkeys(DEPLOYED)
    exported = subject.deployed.logits
    scores = _score(task, dev, exported)
    return {
        "score_deployed": primary_score(subject.metric, scores, f"the dev set of {subject.task}"),
        **logits_gaps(logits, exported),
        "predictions_changed": changed(task.kind, predict(task.kind, logits), predict(task.kind, exported)),
        "onnx_mb": subject.deployed.megabytes,
    }


def trained_fields(steps: ModelSteps) -> dict[str, int | None]:
    """How long the model and those that it was made from were trained."""
    return dict.fromkeys(TRAINED) if steps.trained is None else steps.trained.model_dump()


def training_fields(folder: Path) -> dict[str, Any]:
    """Wall seconds and device of the model's own step, and its rows at once where memory did not suffice for a batch.

    Raises:
        UserError: training.json is missing or does not say.
    """
    try:
        training = read_json(folder / "training.json")
        seconds, rows = float(training["seconds"]), training["micro_batch"]
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{folder}/training.json names no seconds; rerun the rule that makes the model") from None
    return {"train_seconds": seconds, "trained_on": training.get("trained_on"), "micro_batch": rows}


def size_fields(checkpoint: Checkpoint, packed: Path | None) -> dict[str, Any]:
    """Parameters and sizes in MB (10^6 bytes), each size with and without embeddings, of a model on the CPU."""
    model, steps = checkpoint.model, checkpoint.steps
    parameters, nonzero = parameter_counts(model)
    tensors = from_model(model)
    rest = without_embeddings(tensors)
    return {
        "parameters": parameters,
        "nonzero": nonzero,
        "paper_mb": paper_mb(model, steps),
        "paper_mb_no_embeddings": paper_mb(model, steps, with_embeddings=False),
        "deployed_mb": deployed_mb(tensors, steps.sparsity, steps.index_bits),
        "deployed_mb_no_embeddings": deployed_mb(rest, steps.sparsity, steps.index_bits),
        "entropy_mb": entropy_mb(tensors),
        "entropy_mb_no_embeddings": entropy_mb(rest),
        **_packed_sizes(packed),
    }


def _packed_sizes(packed: Path | None) -> dict[str, float | None]:
    sizes = (None, None) if packed is None else packed_sizes(packed)
    return {"packed_mb": sizes[0], "packed_mb_no_embeddings": sizes[1]}


def _prediction_table(subject: EvaluatedModel, split: str, tokens: Tokens, kind: str, logits: np.ndarray) -> pa.Table:
    rows = len(tokens)
    exported = pa.nulls(rows, pa.float64())
    if subject.deployed is not None and split == "dev":
        exported = predict(kind, subject.deployed.logits).astype(np.float64)
    return pa.table(
        {
            "recipe": pa.array([subject.recipe] * rows),
            "split": pa.array([split] * rows),
            "idx": tokens.idx,
            "label": tokens.labels,
            "prediction": predict(kind, logits).astype(np.float64),
            "prediction_deployed": exported,
            "logits": pa.FixedSizeListArray.from_arrays(pa.array(logits.ravel()), logits.shape[1]),
        }
    )
