"""How students without attention are written to ONNX: all of it but the layer that reads."""

from collections.abc import Callable
from typing import Any, NamedTuple

from multipress.compression.lowering import Lowering, Writer
from multipress.model.student import Student


class WrittenTexts(NamedTuple):
    """Names of what the layer that reads gets, as ``Student`` computes it."""

    vectors: str
    """Shape (texts, length, width)."""
    lengths: str
    """int64 of shape (texts,)."""
    present: str
    """Whether a text has a word there: shape (texts, length)."""
    longest: str
    """The length, int64 of shape (1,)."""


WriteReader = Callable[[Writer, Any, WrittenTexts], str]
"""Takes the writer, the layer and the texts; returns the name of their features, shape (texts, features)."""


def student_lowering(write_reader: WriteReader) -> Lowering:
    """How a whole student is written that reads with such a layer."""

    def lower(writer: Writer, name: str, student: Student, values: str) -> str:
        graph = writer.graph
        features = write_reader(writer, student.reader, _texts(writer, student))
        # Three dimensions: onnxruntime has no product of integers for two and a bias.
        dense = writer.linear("pooler", student.pooler.dense, graph.add("Unsqueeze", features, graph.integers(1)))
        pooled = graph.add("Relu", graph.add("Squeeze", dense, graph.integers(1)))
        if not student.with_pairs:
            return pooled
        first, second = graph.add("Split", pooled, axis=0, num_outputs=2, outputs=2)
        difference = graph.add("Abs", graph.add("Sub", first, second))
        return graph.add("Concat", first, second, difference, graph.add("Mul", first, second), axis=-1)

    return lower


def _texts(writer: Writer, student: Student) -> WrittenTexts:
    """As ``read_texts``, and the words' vectors."""
    graph, (ids, mask, segments) = writer.graph, writer.inputs
    zero, one = graph.constant("number_0", 0), graph.constant("number_1", 1)
    length = graph.add("Shape", ids, start=1, end=2)
    positions = graph.add("Range", zero, graph.add("Squeeze", length, graph.integers(0)), one)
    lengths = _sums(writer, mask)
    if student.with_pairs:
        of_second = _sums(writer, graph.add("Mul", mask, segments))
        of_first = graph.add("Sub", lengths, of_second)
        places = graph.add("Add", positions, graph.add("Unsqueeze", of_first, graph.integers(1)))
        places = graph.add("Min", places, graph.add("Sub", length, graph.integers(1)))
        ids = graph.add("Concat", ids, graph.add("GatherElements", ids, places, axis=1), axis=0)
        lengths = graph.add("Concat", of_first, of_second, axis=0)
    longest = graph.add("ReduceMax", lengths, graph.integers(0), keepdims=1)
    positions = graph.add("Slice", positions, graph.integers(0), longest, graph.integers(0))
    ids = graph.add("Slice", ids, graph.integers(0), longest, graph.integers(1))
    ids = graph.add("Where", _before(writer, positions, lengths), ids, zero)
    lengths = graph.add("Max", lengths, graph.integers(1))
    vectors = writer.rows("words", student.embeddings.word_embeddings, ids)
    return WrittenTexts(vectors, lengths, _before(writer, positions, lengths), longest)


def _sums(writer: Writer, values: str) -> str:
    return writer.graph.add("ReduceSum", values, writer.graph.integers(1), keepdims=0)


def _before(writer: Writer, positions: str, lengths: str) -> str:
    """Whether a position is before the end of a text, shape (texts, length)."""
    return writer.graph.add("Less", positions, writer.graph.add("Unsqueeze", lengths, writer.graph.integers(1)))
