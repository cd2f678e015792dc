"""A BiLSTM in ONNX: its operator LSTM, in floats also where the weights are stored as integers.

Each direction by itself, the second over texts that are turned around, as in PyTorch: OpenVINO 2026.4 gives other
results than onnxruntime where an LSTM gets the lengths of texts and they differ.
"""

import numpy as np

from multipress.compression.distill_bilstm.layers import BiLstm
from multipress.compression.distill_bilstm.sizes import DIRECTIONS, GATES, STATES
from multipress.compression.lowering import Writer
from multipress.compression.student_export import WrittenTexts, student_lowering
from multipress.model.layers import Linear
from multipress.model.student import Student


def _write(writer: Writer, reader: BiLstm, texts: WrittenTexts) -> str:
    graph = writer.graph
    vectors = graph.add("Transpose", texts.vectors, perm=[1, 0, 2])
    turned = graph.add("ReverseSequence", vectors, texts.lengths, batch_axis=1, time_axis=0)
    inputs, states = (_by_direction(writer, name, reader) for name in ("inputs", "states"))
    weights = zip(inputs, states, _biases(writer, reader), strict=True)
    last = graph.add("Unsqueeze", graph.add("Sub", texts.lengths, graph.integers(1)), graph.integers(1))
    found = []
    for values, parts in zip((vectors, turned), weights, strict=True):
        states, _, _ = graph.add("LSTM", values, *parts, outputs=3, hidden_size=STATES)
        by_text = graph.add("Transpose", graph.add("Squeeze", states, graph.integers(1)), perm=[1, 0, 2])
        found.append(graph.add("GatherND", by_text, last, batch_dims=1))
    return graph.add("Concat", *found, axis=-1)


def _by_direction(writer: Writer, name: str, reader: BiLstm) -> list[str]:
    """A matrix as ONNX wants it, shape (1, gates * states, inputs), of each direction."""
    graph, layer = writer.graph, getattr(reader, name)
    assert isinstance(layer, Linear)
    turned = graph.add("Transpose", writer.kernel(f"lstm.{name}", layer), perm=[1, 0])
    apart = graph.add("Reshape", turned, graph.integers(DIRECTIONS, GATES * STATES, layer.in_features))
    return graph.add("Split", apart, axis=0, num_outputs=DIRECTIONS, outputs=DIRECTIONS)


def _biases(writer: Writer, reader: BiLstm) -> list[str]:
    """ONNX adds a second bias to the first."""
    parts = reader.inputs.bias.detach().numpy().reshape(DIRECTIONS, 1, -1)
    return [
        writer.graph.constant(f"lstm.bias{number}", np.concatenate([part, np.zeros_like(part)], axis=1))
        for number, part in enumerate(parts)
    ]


LOWERINGS = {Student: student_lowering(_write)}
