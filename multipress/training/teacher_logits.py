"""The teacher's logits on disk: computed once, read by every student."""

from pathlib import Path

import numpy as np
import torch

from multipress.core.errors import UserError
from multipress.core.tensor_files import read_tensors, write_tensors


def write_logits(path: Path, logits: np.ndarray) -> None:
    """Write logits of shape (rows, outputs), float32, original rows first, then augmented ones."""
    write_tensors(path, {"logits": torch.from_numpy(logits)})


def read_logits(path: Path) -> np.ndarray:
    """Read what ``write_logits`` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    tensors = read_tensors(path)
    if "logits" not in tensors:
        raise UserError(f"{path} holds no logits: delete it and rerun label_with_teacher")
    return tensors["logits"].numpy()
