"""A factored word table as ONNX nodes: the rows of the first factor, times the second."""

from multipress.compression.factorize_words.layers import FactoredEmbedding
from multipress.compression.lowering import Writer


def lower(writer: Writer, name: str, table: FactoredEmbedding, ids: str) -> str:
    """The name of the rows of the words whose ids are the value called ``ids``."""
    return writer.linear(f"{name}.second", table.second, writer.rows(f"{name}.first", table.first, ids))


LOWERINGS = {FactoredEmbedding: lower}
