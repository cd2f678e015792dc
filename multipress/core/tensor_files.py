"""Tensors on disk: safetensors files, written whole or not at all."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from multipress.core.errors import UserError
from multipress.core.files import replacing

Tensors = dict[str, torch.Tensor]
"""Tensors by name."""


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write tensors from any device, in the order of their names; several may share memory.

    Raises:
        UserError: the file cannot be written.
    """
    state = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in sorted(tensors.items())}
    with replacing(path) as temporary:
        save_file(state, temporary, metadata={"format": "pt"})


def read_tensors(path: Path) -> Tensors:
    """Read tensors to the CPU.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is missing or damaged ({error}): delete it and rerun the rule that makes it") from None
