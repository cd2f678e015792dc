"""Tensors on disk as numpy arrays, for readers that start without PyTorch."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from multipress.core.errors import UserError


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file by name.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is missing or damaged ({error}): delete it and rerun the rule that makes it") from None
