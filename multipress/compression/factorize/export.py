"""Factored layers as ONNX nodes: two products, one after the other."""

from multipress.compression.factorize.layers import FactoredLinear
from multipress.compression.lowering import Writer


def lower(writer: Writer, name: str, layer: FactoredLinear, values: str) -> str:
    """The name of the layer's output for the value called ``values``."""
    return writer.linear(f"{name}.second", layer.second, writer.linear(f"{name}.first", layer.first, values))


LOWERINGS = {FactoredLinear: lower}
