"""How layers that a method brings in are written to ONNX: what its ``export.py`` needs of the writer."""

from collections.abc import Callable
from typing import Any, Protocol

from torch import nn


class Writer(Protocol):
    """Writes nodes; values are known by their names."""

    def linear(self, name: str, layer: nn.Module, values: str) -> str:
        """The name of the output of a linear layer, plain, quantized or another method's, for the value of a name."""

    def rows(self, name: str, table: nn.Module, ids: str) -> str:
        """The name of the rows of a table of embeddings, likewise, for the ids of a name."""


Lowering = Callable[[Writer, str, Any, str], str]
"""Takes the writer, a name for the layer's constants, the layer, and its input's name; returns its output's name."""

Lowerings = dict[type[nn.Module], Lowering]
