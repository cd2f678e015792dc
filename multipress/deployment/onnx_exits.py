"""When rows leave an exported model, and what goes on with the others; as ``multipress.model.exits`` computes it."""

from dataclasses import dataclass

import numpy as np
import onnx

from multipress.deployment.onnx_graph import OnnxGraph
from multipress.model.exits import ExitRule


@dataclass(frozen=True)
class Passing:
    """Rows on their way through the layers, by the names of their values."""

    hidden: str
    mask: str
    before: str = ""
    """Logits of the exit before; nothing at the first one."""
    streak: str = ""
    """How many exits in succession have repeated the answer, int64 (rows,); nothing before there were two."""

    def only(self, graph: OnnxGraph, rows: str) -> "Passing":
        """Those rows alone for which a value of booleans says so."""

        def kept(values: str) -> str:
            return graph.add("Compress", values, rows, axis=0) if values else ""

        return Passing(kept(self.hidden), kept(self.mask), kept(self.before), kept(self.streak))


def leaving(graph: OnnxGraph, rule: ExitRule, logits: str, outputs: int, rows: Passing) -> tuple[str, str]:
    """Whether each row leaves, and its streak by now; nothing where no exit was before."""
    if rule.kind == "entropy":
        threshold = graph.constant("exits.threshold", rule.threshold, np.float32)
        return graph.add("Less", _entropy(graph, logits), threshold), ""
    none = graph.add("Mul", graph.add("ArgMax", logits, axis=-1, keepdims=0), graph.constant("none", 0, np.int64))
    streak = none
    if rows.before:
        longer = graph.add("Add", rows.streak or none, graph.constant("one", 1, np.int64))
        streak = graph.add("Where", _agree(graph, rule, logits, rows.before, outputs), longer, none)
    # The threshold is a whole number, or above all streaks.
    wanted = graph.constant("exits.threshold", int(rule.threshold), np.int64)
    return graph.add("GreaterOrEqual", streak, wanted), streak if rows.before else ""


def _entropy(graph: OnnxGraph, logits: str) -> str:
    logarithms = graph.add("LogSoftmax", logits, axis=-1)
    products = graph.add("Mul", graph.add("Exp", logarithms), logarithms)
    return graph.add("Neg", graph.add("ReduceSum", products, graph.integers(-1), keepdims=0))


def _agree(graph: OnnxGraph, rule: ExitRule, logits: str, before: str, outputs: int) -> str:
    if outputs == 1:
        apart = graph.add("Squeeze", graph.add("Abs", graph.add("Sub", logits, before)), graph.integers(-1))
        return graph.add("Less", apart, graph.constant("exits.tolerance", rule.tolerance, np.float32))
    labels = [graph.add("ArgMax", each, axis=-1, keepdims=0) for each in (logits, before)]
    return graph.add("Equal", *labels)


def all_of(graph: OnnxGraph, rows: str) -> str:
    """Whether all booleans of a vector are true."""
    numbers = graph.add("Cast", rows, to=onnx.TensorProto.INT32)
    least = graph.add("ReduceMin", numbers, keepdims=0)
    return graph.add("Cast", least, to=onnx.TensorProto.BOOL)


def filled_in(graph: OnnxGraph, logits: str, rows: str, of_rows: str) -> str:
    """The logits with others for those rows for which a value of booleans says so."""
    places = graph.add("Transpose", graph.add("NonZero", rows), perm=[1, 0])
    return graph.add("ScatterND", logits, places, of_rows)
