"""Stored predictions that are known by construction."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from multipress.analysis.predictions.stored import read_cell, runs_of


def logits_of(predictions, classes=2, confidence=0.9):
    """Logits that give the predicted class this probability, and the others equal shares of the rest."""
    rest = (1 - confidence) / (classes - 1)
    return np.log(np.where(np.arange(classes) == np.asarray(predictions)[:, None], confidence, rest))


def write(folder, models, labels, task="rte", arch="base", seed=1, splits=(), idx=None):
    """The file of one (task, arch, seed).

    Args:
        folder: Where evaluations lie.
        models: Predictions of each recipe, or logits of shape (rows, outputs).
        labels: Gold labels.
        splits: Further dev sets, each a name, labels, and predictions by recipe.
        idx: Numbers of the rows.
    """
    parts = []
    for split, gold, answers in [("dev", labels, models), *splits]:
        for recipe, given in answers.items():
            logits = np.asarray(given, float)
            logits = logits if logits.ndim == 2 else logits_of(given)
            predictions = logits.argmax(axis=1) if logits.shape[1] > 1 else logits[:, 0]
            columns = {
                "recipe": [recipe] * len(gold),
                "split": [split] * len(gold),
                "idx": np.arange(len(gold)) if idx is None else idx,
                "label": np.asarray(gold, float),
                "prediction": predictions.astype(float),
                "logits": pa.FixedSizeListArray.from_arrays(
                    pa.array(logits.astype(np.float32).ravel()), logits.shape[1]
                ),
            }
            parts.append(pa.table(columns))
    file = folder / task / arch / f"seed{seed}" / "predictions.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(pa.concat_tables(parts), file)
    return file


def cell(folder, seeds, labels, **options):
    """All models of one (task, arch); ``seeds`` has the models of each, as ``write`` takes them."""
    files = [write(folder, models, labels, seed=seed, **options) for seed, models in enumerate(seeds, 1)]
    return read_cell(runs_of(files))
