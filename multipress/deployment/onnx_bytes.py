"""Binary and ternary weights in ONNX graphs: bytes that hold several of them, and a table of what each byte stands for.

Plain operators, 1 and 1.6 bits a weight. Of matrices runtimes compute the integers when they load the file, and
multiply them as those of an int8 model; of the word table the bytes are gathered, and only those become integers.
"""

import numpy as np
import onnx

from multipress.deployment.byte_streams import ENTRIES_OF_BYTES, shared_bytes
from multipress.deployment.onnx_graph import OnnxGraph


def matrix(graph: OnnxGraph, name: str, integers: np.ndarray, bits: int) -> str:
    """A value that is the int8 matrix."""
    packed = graph.constant(name, shared_bytes(integers.ravel(), bits))
    entries = graph.add("Reshape", _entries(graph, packed, bits), graph.integers(-1))
    return graph.add("Reshape", _cut(graph, entries, integers.size, bits), graph.integers(*integers.shape))


def rows(graph: OnnxGraph, name: str, integers: np.ndarray, bits: int, ids: str) -> str:
    """The rows of an int8 table, shape (batch, length, columns), for ids of shape (batch, length)."""
    gathered = graph.add("Gather", graph.constant(name, shared_bytes(integers, bits)), ids)
    entries = graph.add("Reshape", _entries(graph, gathered, bits), graph.integers(0, 0, -1))
    return _cut(graph, entries, integers.shape[-1], bits)


def _entries(graph: OnnxGraph, packed: str, bits: int) -> str:
    """What the bytes stand for, in one more dimension."""
    places = graph.add("Cast", packed, to=onnx.TensorProto.INT32)
    return graph.add("Gather", graph.constant(f"entries_of_bytes_{bits}", ENTRIES_OF_BYTES[bits]), places)


def _cut(graph: OnnxGraph, entries: str, size: int, bits: int) -> str:
    """The last dimension without what fills its last byte."""
    if size % ENTRIES_OF_BYTES[bits].shape[1] == 0:
        return entries
    return graph.add("Slice", entries, graph.integers(0), graph.integers(size), graph.integers(-1))
