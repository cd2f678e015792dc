"""A model in any form that the workflow gives it, ready to compute: a folder, a packed file or an ONNX file."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress.compression.rebuild import load_model
from multipress.core.errors import UserError
from multipress.data.text_format import TextFormat
from multipress.deployment.packed_models import load_packed
from multipress.model.bert import BertConfig

_FORMS = "name a model's folder, a packed file (.safetensors) or an ONNX file (.onnx)"


@dataclass(frozen=True)
class LoadedModel:
    """A model that computes on the CPU."""

    forward: Callable[..., torch.Tensor]
    """Logits of shape (rows, outputs) from what ``Batch.inputs`` holds."""
    config: BertConfig
    text: TextFormat | None
    """The form of the rows that it was trained on; None where the files do not have it."""
    folder: Path
    """Folder that may hold its tokenizer."""


def open_model(path: Path, threads: int) -> LoadedModel:
    """Load a model; ``threads`` are those of an ONNX model, others take PyTorch's.

    Raises:
        UserError: a file is missing or damaged, or is no model.
    """
    if _is_folder(path):
        return _open_folder(path)
    if path.name == "model.safetensors" and (path.parent / "config.json").is_file():
        return _open_folder(path.parent)
    if path.suffix == ".safetensors":
        return _open_packed(path)
    if path.suffix == ".onnx":
        return _open_onnx(path, threads)
    raise UserError(f"{path} is no model: {_FORMS}")


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise UserError(f"model {path} cannot be read ({error.strerror}): {_FORMS}") from None


def _open_folder(folder: Path) -> LoadedModel:
    model = load_model(folder)
    return LoadedModel(model, model.config, None, folder)


def _open_packed(path: Path) -> LoadedModel:
    model, packed = load_packed(path)
    return LoadedModel(model, model.config, packed.text, path.parent)


def _open_onnx(path: Path, threads: int) -> LoadedModel:
    from multipress.deployment.onnxruntime_model import OnnxModel

    model = OnnxModel(path, threads)

    def forward(
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        try:
            return model(input_ids, attention_mask, token_type_ids)
        except Exception as error:  # the library's classes have no common base of their own
            reason = str(error).splitlines()[0]
            raise UserError(f"{path} cannot be computed ({reason}): it is damaged; export the model again") from None

    return LoadedModel(forward, model.config, model.text, path.parent)
