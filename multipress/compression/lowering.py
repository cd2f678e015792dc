"""How layers that a method brings in are written to ONNX: what its ``export.py`` needs of the writer."""

from collections.abc import Callable
from typing import Any, Protocol

from torch import nn


class Graph(Protocol):
    """An ONNX graph under construction; values are known by their names."""

    def constant(self, name: str, values: Any, kind: Any = None) -> str:
        """A constant of that name."""

    def integers(self, *values: int) -> str:
        """A constant of 64-bit integers, shape (values,)."""

    def add(self, operator: str, *inputs: str, name: str = "", outputs: int = 1, **attributes: Any) -> Any:
        """Apply an operator; the name of its output, or a list of them where there are several."""


class Writer(Protocol):
    """Writes nodes; values are known by their names."""

    @property
    def graph(self) -> Graph:
        """What it writes to."""

    @property
    def inputs(self) -> tuple[str, str, str]:
        """The model's: ids, mask and segments, int64 of shape (batch, length)."""

    def linear(self, name: str, layer: nn.Module, values: str) -> str:
        """The name of the output of a linear layer, plain, quantized or another method's, for the value of a name."""

    def rows(self, name: str, table: nn.Module, ids: str) -> str:
        """The name of the rows of a table of embeddings, likewise, for the ids of a name."""

    def kernel(self, name: str, layer: nn.Module) -> str:
        """The name of the weight of a linear layer, plain or quantized, as floats of shape (inputs, outputs)."""


Lowering = Callable[[Writer, str, Any, str], str]
"""Takes the writer, a name for the layer's constants, the layer, and its input's name; returns its output's name.

That of a backbone starts with the model's inputs, whatever name it is given, and ends with what the classifier reads.
"""

Lowerings = dict[type[nn.Module], Lowering]
