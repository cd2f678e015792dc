"""The rule of Table 1: by how much a method shrinks an architecture without losing more than a tolerance.

Movva et al. (2022), Table 1. For a task and an architecture, the smallest model of the method's curve, over all
architectures and sparsities, whose score is within the tolerance of the architecture's uncompressed model. So an
architecture may be replaced by a smaller one that reaches its score, or must be by a larger one. Where no model
qualifies, the uncompressed one stays and the ratio is 1.
"""

from dataclasses import dataclass

import numpy as np

from multipress.analysis.grid import Grid
from multipress.analysis.settings import AnalyzeSettings

ROUNDING = 1e-9
"""Points by which a score may miss a threshold, for means over seeds are not exact."""

_CHUNK = 4096
"""Outcomes at once, to bound memory."""


@dataclass(frozen=True)
class Chosen:
    """The smallest models that qualify, each array of shape (outcomes, archs, methods)."""

    ratio: np.ndarray
    """Size of the uncompressed model over that of the chosen one; NaN where missing results leave it open."""
    model: np.ndarray
    """Index of the chosen model among archs x recipes, -1 where none qualifies or it is open."""
    fallback: np.ndarray
    """Whether none qualifies."""


def thresholds(baseline: np.ndarray, settings: AnalyzeSettings) -> np.ndarray:
    """The least scores that qualify, in points, for these scores of uncompressed models."""
    relative = settings.tolerance_kind == "relative"
    margin = np.abs(baseline) * settings.tolerance / 100 if relative else settings.tolerance
    return baseline - margin - ROUNDING


def choose(grid: Grid, task: int, scores: np.ndarray, settings: AnalyzeSettings) -> Chosen:
    """Apply the rule to outcomes of one task.

    Args:
        grid: For the sizes and the methods' curves.
        task: Index of the task in the grid.
        scores: Points of shape (outcomes, archs, recipes), NaN for models that are missing.
        settings: For the tolerance.

    A missing model leaves a ratio open unless a smaller one qualifies: so it counts as one that does, and where the
    choice falls on it, the ratio is NaN.
    """
    parts = [_choose(grid, task, part, settings) for part in _chunks(scores)]
    ratio, model, fallback = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Chosen(ratio, model, fallback)


def _chunks(scores: np.ndarray) -> list[np.ndarray]:
    return [scores[start : start + _CHUNK] for start in range(0, len(scores), _CHUNK)]


def _choose(
    grid: Grid, task: int, scores: np.ndarray, settings: AnalyzeSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape = (len(scores), len(grid.archs), len(grid.methods))
    ratio, model, fallback = np.full(shape, np.nan), np.full(shape, -1), np.zeros(shape, dtype=bool)
    if grid.baseline is None:
        return ratio, model, fallback
    baseline, size = scores[..., grid.baseline], grid.sizes[task, :, grid.baseline]
    sizes = grid.sizes[task].ravel()
    for column, method in enumerate(grid.methods):
        curve = _by_size(grid, method, sizes)
        if not curve.size:
            continue
        first, found = _first_within(scores.reshape(len(scores), -1)[:, curve], thresholds(baseline, settings))
        smallest = curve[first]
        known = ~np.isnan(np.take_along_axis(scores.reshape(len(scores), -1), smallest, axis=1)) | ~found
        known &= ~np.isnan(baseline)
        shrunk = np.where(found, size / np.where(known, sizes[smallest], 1.0), 1.0)
        ratio[..., column] = np.where(known, shrunk, np.nan)
        model[..., column] = np.where(found & known, smallest, -1)
        fallback[..., column] = known & ~found
    return ratio, model, fallback


def _by_size(grid: Grid, method: str, sizes: np.ndarray) -> np.ndarray:
    """Indices of a method's models among archs x recipes, smallest first; of equal ones, the larger architecture's."""
    of_archs = np.arange(len(grid.archs))[:, None] * len(grid.recipes)
    models = (of_archs + np.array(grid.curve(method), dtype=int)).ravel()
    return models[np.argsort(sizes[models], kind="stable")]


def _first_within(scores: np.ndarray, least: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first model that qualifies, and whether there is one: (outcomes, models), (outcomes, archs) → (…, archs)."""
    qualifies = (scores[:, None, :] >= least[..., None]) | np.isnan(scores)[:, None, :]
    return qualifies.argmax(axis=-1), qualifies.any(axis=-1)
