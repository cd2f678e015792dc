"""What a look at the rows finds, in plain lines."""

from math import ceil, sqrt

import numpy as np
from scipy.special import ndtri

from multipress.core.words import counted
from multipress.shrink.parts import Parts
from multipress.shrink.scores import CONFIDENCE
from multipress.shrink.source import Rows, joined

MANY_CLASSES = 100

_UNEVEN = 0.8
"""Share of the most frequent class from which on accuracy says little."""

_ANSWERED_OTHERWISE = 1 / 20
"""Share of the rows that a compressed model answers otherwise, about."""

_SHOWN = 8
"""Classes that are named."""


def findings(parts: Parts, metric: str, within: float) -> list[str]:
    """Rows, classes, lengths, repetitions, imbalance, how the rows were divided, and whether dev can tell so much."""
    rows = joined(list(parts.named().values()))
    codes = rows.keys.dictionary_encode().indices.to_numpy()
    lines = [*parts.remarks, _labels(rows), _lengths(rows)]
    lines += [line for line in (_repeated(codes), _contradictions(rows, codes), _uneven(rows, metric)) if line]
    if metric == "f1" and rows.names is not None and len(rows.names) == 2:
        lines.append(f"f1 is that of the label {rows.names[1]} (--positive names the other)")
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in parts.named().items())
    lines += [f"divided into {sizes}; nothing is chosen on test, and equal texts lie in one part"]
    return [*lines, *_too_few(len(parts.dev), metric, within)]


def _too_few(rows: int, metric: str, within: float) -> list[str]:
    """Whether even a model that loses nothing is hardly known to lose so little."""
    limit = 100 * float(ndtri(CONFIDENCE)) * sqrt(_ANSWERED_OTHERWISE / rows)
    if metric != "accuracy" or limit <= within:
        return []
    needed = ceil(_ANSWERED_OTHERWISE * (100 * float(ndtri(CONFIDENCE)) / within) ** 2)
    return [
        f"{counted(rows, 'validation row')} are few for --within {within:g}: of a model that answers one row in twenty "
        f"otherwise and loses nothing, they know no less than {limit:.1f} points; {needed:,} would do (--dev)"
    ]


def _labels(rows: Rows) -> str:
    what = "pairs of texts" if len(rows.texts) > 1 else "texts"
    if rows.names is None:
        low, mean, high = rows.labels.min(), rows.labels.mean(), rows.labels.max()
        return f"{len(rows):,} {what} with numbers from {low:g} to {high:g}, {mean:.3g} on average"
    counts = np.bincount(rows.labels, minlength=len(rows.names))
    order = np.argsort(-counts, kind="stable")
    shown = ", ".join(f"{rows.names[label]} {counts[label] / len(rows):.1%}" for label in order[:_SHOWN])
    more = f" and {len(rows.names) - _SHOWN:,} more" if len(rows.names) > _SHOWN else ""
    many = f"; {len(rows.names):,} are many" if len(rows.names) > MANY_CLASSES else ""
    return f"{len(rows):,} {what} of {len(rows.names):,} classes: {shown}{more}{many}"


def _lengths(rows: Rows) -> str:
    middle, most, longest = np.quantile(rows.words(), [0.5, 0.95, 1])
    return f"lengths in words: {middle:.0f} in the middle, 95 % up to {most:.0f}, the longest {longest:.0f}"


def _repeated(codes: np.ndarray) -> str:
    count = len(codes) - int(codes.max() + 1)
    return f"rows whose text is that of another: {count:,}" if count else ""


def _contradictions(rows: Rows, codes: np.ndarray) -> str:
    """Equal texts of several classes: no model can be right about all of them."""
    if rows.names is None:
        return ""
    pairs = np.unique(np.stack([codes, rows.labels]), axis=1)[0]
    count = int((np.bincount(pairs) > 1).sum())
    several = counted(count, "text has", "texts have")
    return f"{several} several labels: look at them, for no model can be right about all" if count else ""


def _uneven(rows: Rows, metric: str) -> str:
    if rows.names is None:
        return ""
    share = np.bincount(rows.labels).max() / len(rows)
    if share < _UNEVEN or metric != "accuracy":
        return ""
    return f"one class has {share:.0%} of the rows: accuracy says little; --metric f1 or matthews says more"
