"""A model in any form that the workflow gives it, ready to compute: a folder, a packed file or an ONNX file."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multipress.core.errors import UserError
from multipress.core.extras import needing
from multipress.data.text_format import TextFormat
from multipress.data.tokens import Tokens
from multipress.model.config import BertConfig

_FORMS = "name a model's folder, a packed file (.safetensors) or an ONNX file (.onnx)"


@dataclass(frozen=True)
class LoadedModel:
    """A model that computes on the CPU."""

    logits: Callable[[Tokens, int], np.ndarray]
    """Logits of shape (rows, outputs), float32, from rows and how many of them are computed at once."""
    config: BertConfig
    text: TextFormat | None
    """The form of the rows that it was trained on; None where the files do not have it."""
    folder: Path
    """Folder that may hold its tokenizer."""


def open_model(path: Path, threads: int) -> LoadedModel:
    """Load a model that computes with ``threads`` threads.

    Raises:
        UserError: a file is missing or damaged, or is no model; or it is no ONNX file, and PyTorch is missing.
    """
    if _is_folder(path):
        return _open_folder(path, threads)
    if path.name == "model.safetensors" and (path.parent / "config.json").is_file():
        return _open_folder(path.parent, threads)
    if path.suffix == ".safetensors":
        return _open_packed(path, threads)
    if path.suffix == ".onnx":
        return _open_onnx(path, threads)
    raise UserError(f"{path} is no model: {_FORMS}")


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise UserError(f"model {path} cannot be read ({error.strerror}): {_FORMS}") from None


def _open_folder(folder: Path, threads: int) -> LoadedModel:
    with needing("torch"):
        from multipress.deployment.torch_models import open_folder
    logits, config = open_folder(folder, threads)
    return LoadedModel(logits, config, None, folder)


def _open_packed(path: Path, threads: int) -> LoadedModel:
    with needing("torch"):
        from multipress.deployment.torch_models import open_packed
    logits, config, text = open_packed(path, threads)
    return LoadedModel(logits, config, text, path.parent)


def _open_onnx(path: Path, threads: int) -> LoadedModel:
    from multipress.deployment.onnxruntime_model import OnnxModel

    model = OnnxModel(path, threads)

    def logits(tokens: Tokens, batch_size: int) -> np.ndarray:
        try:
            return model.logits(tokens, batch_size)
        except Exception as error:  # the library's classes have no common base of their own
            reason = str(error).splitlines()[0]
            raise UserError(f"{path} cannot be computed ({reason}): it is damaged; export the model again") from None

    return LoadedModel(logits, model.config, model.text, path.parent)
