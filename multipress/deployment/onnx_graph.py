"""ONNX graphs, node by node: a thin layer over onnx.helper that names values and gathers constants."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET = 21
"""The first with 16-bit QuantizeLinear and DequantizeLinear."""


class OnnxGraph:
    """A graph under construction; values are known by their names."""

    def __init__(self, around: "OnnxGraph | None" = None) -> None:
        """Start with no node; ``around`` is the graph that a branch stands in, whose values and constants it reads."""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._around = around
        self._made: list[str] = around._made if around else []
        """Names of all nodes, those of branches and of the graph around them, too: no two are alike."""

    def constant(self, name: str, values: Any, kind: Any = None) -> str:
        """A constant of that name; the same name again, here or in a branch, is the same constant.

        It lies in the graph that names it first: onnxruntime prepares weights of its products only beside them.
        """
        if not self._has(name):
            self._constants[name] = numpy_helper.from_array(np.array(values, dtype=kind), name)
        return name

    def _has(self, constant: str) -> bool:
        return constant in self._constants or (self._around is not None and self._around._has(constant))

    def integers(self, *values: int) -> str:
        """A constant of 64-bit integers, as shapes and axes are; shape (values,)."""
        return self.constant("integers_" + "_".join(map(str, values)), values, np.int64)

    def add(self, operator: str, *inputs: str, name: str = "", outputs: int = 1, **attributes: Any) -> Any:
        """Apply an operator; returns the name of its output, or a list of them where there are several."""
        stem = name or f"{operator}_{len(self._made)}"
        self._made.append(stem)
        names = [stem] if outputs == 1 else [f"{stem}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, name=stem, **attributes))
        return names[0] if outputs == 1 else names

    def branch(self) -> "OnnxGraph":
        """A graph that ``either`` takes: it reads the values of this one."""
        return OnnxGraph(self)

    def either(self, condition: str, then: tuple["OnnxGraph", str], otherwise: tuple["OnnxGraph", str]) -> str:
        """One of two branches' float values, each a matrix by its name; only that branch is computed."""
        branches = {"then_branch": then, "else_branch": otherwise}
        graphs = {
            name: helper.make_graph(
                branch._nodes,
                name,
                [],
                [helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, [None, None])],
                list(branch._constants.values()),
            )
            for name, (branch, value) in branches.items()
        }
        result: str = self.add("If", condition, **graphs)
        return result

    def model(self, inputs: dict[str, list[str]], outputs: dict[str, list[Any]], metadata: dict[str, str]) -> Any:
        """The finished model: int64 inputs and float outputs with the names of their dimensions."""
        graph = helper.make_graph(
            self._nodes,
            "multipress",
            [helper.make_tensor_value_info(name, onnx.TensorProto.INT64, shape) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            list(self._constants.values()),
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=10, producer_name="multipress")
        helper.set_model_props(model, metadata)
        return model
