"""What a run of exported models leaves: their logits on the dev set, and how large the files are that ran."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from multipress.core.array_files import read_arrays

_BYTES = ".bytes"
"""Ends the names of the numbers; no recipe has a dot."""


class Exported(NamedTuple):
    """An exported model."""

    logits: np.ndarray
    """On the split ``dev``, shape (rows, outputs)."""
    megabytes: float
    """Of its file, 10^6 bytes."""


def named_arrays(recipe: str, logits: np.ndarray, file: Path) -> dict[str, np.ndarray]:
    """What is stored of a model that ran: its logits, and the bytes of its file."""
    return {recipe: logits, recipe + _BYTES: np.array(file.stat().st_size)}


def read_exported(path: str | Path) -> dict[str, Exported]:
    """The models of a run, by recipe.

    Raises:
        UserError: the file is missing or damaged.
    """
    arrays = read_arrays(path)
    recipes = [name for name in arrays if not name.endswith(_BYTES)]
    return {recipe: Exported(arrays[recipe], int(arrays[recipe + _BYTES]) / 1e6) for recipe in recipes}
