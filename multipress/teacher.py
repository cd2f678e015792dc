"""The teacher's logits on disk: computed once, read by every student."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from multipress.errors import UserError
from multipress.files import replacing


def write_logits(path: Path, logits: np.ndarray) -> None:
    """Write logits of shape (rows, outputs), original rows first, then augmented ones."""
    with replacing(path) as temporary:
        save_file({"logits": np.ascontiguousarray(logits, dtype=np.float32)}, temporary)


def read_logits(path: Path) -> np.ndarray:
    """Read what ``write_logits`` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        return load_file(path)["logits"]
    except (OSError, SafetensorError, KeyError) as error:
        raise UserError(f"{path} is missing or damaged ({error}); delete it and rerun label_with_teacher") from None
