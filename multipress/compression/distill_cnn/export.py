"""A convolutional network in ONNX: products of integers where it is quantized."""

import numpy as np
import onnx

from multipress.compression.distill_cnn.layers import Convolutions
from multipress.compression.distill_cnn.sizes import WINDOWS
from multipress.compression.lowering import Writer
from multipress.compression.student_export import WrittenTexts, student_lowering
from multipress.model.student import Student

_LOWEST = float(np.finfo(np.float32).min)


def _write(writer: Writer, reader: Convolutions, texts: WrittenTexts) -> str:
    graph, around = writer.graph, max(WINDOWS) // 2
    present = graph.add("Unsqueeze", texts.present, graph.integers(-1))
    words = graph.add("Mul", texts.vectors, graph.add("Cast", present, to=onnx.TensorProto.FLOAT))
    padded = graph.add("Pad", words, graph.integers(0, around, 0, 0, around, 0))
    lowest = graph.constant("lowest", _LOWEST, np.float32)
    found = []
    for window, filters in zip(WINDOWS, reader.filters, strict=True):
        first = around - (window - 1) // 2
        parts = [_from(writer, padded, first + place, texts.longest) for place in range(window)]
        answers = writer.linear(f"filters{window}", filters, graph.add("Concat", *parts, axis=-1))
        answers = graph.add("Where", present, answers, lowest)
        found.append(graph.add("ReduceMax", answers, graph.integers(1), keepdims=0))
    return graph.add("Relu", graph.add("Concat", *found, axis=-1))


def _from(writer: Writer, values: str, first: int, length: str) -> str:
    """So many places from a first one on."""
    graph = writer.graph
    start = graph.integers(first)
    return graph.add("Slice", values, start, graph.add("Add", length, start), graph.integers(1))


LOWERINGS = {Student: student_lowering(_write)}
