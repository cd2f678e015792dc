"""What must be kept of a checkpoint so that nothing of it is lost: float tensors, and integers on their grids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from multipress.compression.quantize.layers import QUANTIZED
from multipress.compression.quantize.scheme import BINARY, TERNARY
from multipress.core.errors import UserError
from multipress.deployment.byte_streams import TRITS

FLOAT_BITS = 32

_SCALE, _WEIGHT = ".weight_quantizer.scale", ".weight"
_SHARED = {
    f".attention.self.{name}.input_quantizer.": ".attention.self.query.input_quantizer." for name in ("key", "value")
}
"""Key and value read what the query reads, through one quantizer, which a state lists three times."""


@dataclass(frozen=True)
class StoredTensor:
    """A tensor of a checkpoint; a quantized weight as its integers, with the scales in a tensor of their own."""

    name: str
    values: np.ndarray
    """float32, or int8 or int16 where the tensor is quantized."""
    bits: int
    """Of an entry; 1: signs, 2: signs or zero."""

    @property
    def bits_in_memory(self) -> float:
        """Bits that an entry takes without an entropy coder: five ternary ones share a byte."""
        return 8 / TRITS if self.bits == TERNARY else self.bits

    @property
    def is_integer(self) -> bool:
        """Whether the tensor is quantized."""
        return self.values.dtype != np.float32

    @property
    def is_embedding(self) -> bool:
        """Whether the tensor belongs to the embeddings, their LayerNorm and scales included."""
        return is_embedding(self.name)

    @property
    def is_prunable(self) -> bool:
        """Whether the tensor is a matrix of the encoder."""
        return ".encoder.layer." in self.name and self.values.ndim == 2

    @property
    def is_range(self) -> bool:
        """Whether the tensor is a range of activations: two numbers, beside how far their average has got."""
        return self.name.endswith(".input_quantizer.average")


def is_embedding(name: str) -> bool:
    """Whether a tensor of that name belongs to the embeddings."""
    return "embeddings" in name.split(".")


def from_model(model: nn.Module) -> list[StoredTensor]:
    """The tensors of a model's state, in the order of their names.

    Raises:
        UserError: a quantized weight does not lie on its grid.
    """
    quantized = {name: module for name, module in model.named_modules() if isinstance(module, QUANTIZED)}
    bits = {name + _WEIGHT: module.weight_quantizer.bits for name, module in quantized.items()}
    state = model.state_dict()
    unique = {name: tensor for name, tensor in sorted(state.items()) if _original(name) == name}
    return [_stored(name, tensor.numpy(), unique, bits.get(name)) for name, tensor in unique.items()]


def _original(name: str) -> str:
    for copy, original in _SHARED.items():
        name = name.replace(copy, original)
    return name


def _stored(name: str, values: np.ndarray, state: Mapping[str, torch.Tensor], bits: int | None) -> StoredTensor:
    if bits is None:
        return StoredTensor(name, values, FLOAT_BITS)
    scale = state[name.removesuffix(_WEIGHT) + _SCALE].numpy()
    return StoredTensor(name, on_grid(name, values, scale, bits), bits)


def on_grid(name: str, values: np.ndarray, scale: np.ndarray, bits: int) -> np.ndarray:
    """The integers of a quantized weight, int8 or int16; its scale has shape () or (rows,).

    Raises:
        UserError: the weight does not lie on its grid.
    """
    column = _column(scale)
    integers = np.rint(values / column).astype(np.int8 if bits <= 8 else np.int16)
    magnitudes = np.abs(integers, dtype=np.int32)
    is_inside = magnitudes.max(initial=0) <= max(1, 2 ** (bits - 1) - 1) and (bits != BINARY or magnitudes.all())
    if not np.array_equal(integers * column, values) or not is_inside:
        raise UserError(f"{name} does not lie on its grid of {bits} bits: train the model again")
    return integers


def to_state(tensors: Iterable[StoredTensor]) -> dict[str, torch.Tensor]:
    """The state that the tensors were made from: the same values, bit for bit but for the sign of zeros."""
    stored = {tensor.name: tensor for tensor in tensors}
    writable = {name: np.require(_values(tensor, stored), requirements="W") for name, tensor in stored.items()}
    state = {name: torch.from_numpy(values) for name, values in writable.items()}
    for copy, original in _SHARED.items():
        state |= {name.replace(original, copy): values for name, values in state.items() if original in name}
    return state


def _values(tensor: StoredTensor, stored: Mapping[str, StoredTensor]) -> np.ndarray:
    if not tensor.is_integer:
        return tensor.values
    return tensor.values * _column(stored[tensor.name.removesuffix(_WEIGHT) + _SCALE].values)


def _column(scale: np.ndarray) -> np.ndarray:
    """A scale of shape () or (rows,) as it broadcasts against a matrix; float32, as the products that it enters."""
    return scale[:, None] if scale.ndim else scale[None]
