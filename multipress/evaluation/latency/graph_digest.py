"""What an exported model computes, whatever its weights: equal digests mean the same work for a runtime."""

import hashlib
import json
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from multipress.core.errors import UserError
from multipress.core.files import sha256
from multipress.deployment.manifest import check_digest

_DATA_DECIDES = {"NonZero", "Compress", "Unique", "NonMaxSuppression"}
"""Operators whose outputs are as large as the data makes them: how much follows is up to the weights, too."""

_SUBGRAPHS = {AttributeProto.GRAPH, AttributeProto.GRAPHS}
"""Attributes of branches and loops, which the data chooses and ends."""


def graph_digest(path: Path) -> str:
    """Digest of an ONNX model's operators, their attributes and order, and the shapes and types of its constants.

    Of constants only integers of 64 bits count by value, for ONNX writes shapes and axes with them; weights, scales and
    zero points do not. A model with branches, loops or operators whose work the data decides is like none but a file
    with the same bytes.

    Raises:
        UserError: the file is missing or damaged.
    """
    model = _read(path)
    if _work_depends_on_weights(model):
        return sha256(path)
    graph, numbers = model.graph, _Numbers()
    content = [
        [[numbers[value.name], value.type.SerializeToString().hex()] for value in graph.input],
        [_described(node, numbers) for node in graph.node],
        sorted([numbers[tensor.name], _form(tensor)] for tensor in graph.initializer),
        [numbers[value.name] for value in graph.output],
        sorted([opset.domain, opset.version] for opset in model.opset_import),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class _Numbers(dict[str, int]):
    """Numbers of values in the order in which they are met: the work does not depend on their names."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self) if name else -1  # ONNX's word for an input that is left out is an empty name
        return self[name]


def _read(path: Path) -> onnx.ModelProto:
    check_digest(path)
    try:
        model = onnx.load(path)
        if not model.graph.node:
            raise DecodeError("it has no operators")
        return model
    except (OSError, DecodeError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(f"{path} is missing or no intact ONNX model ({reason}): export the model again") from None


def _work_depends_on_weights(model: onnx.ModelProto) -> bool:
    is_plain = not (model.functions or model.graph.sparse_initializer)
    return not is_plain or any(
        node.op_type in _DATA_DECIDES or any(attribute.type in _SUBGRAPHS for attribute in node.attribute)
        for node in model.graph.node
    )


def _described(node: onnx.NodeProto, numbers: _Numbers) -> list[Any]:
    attributes = sorted([attribute.name, _value(attribute)] for attribute in node.attribute)
    inputs, outputs = ([numbers[name] for name in names] for names in (node.input, node.output))
    return [node.domain, node.op_type, inputs, outputs, attributes]


def _value(attribute: AttributeProto) -> str:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, TensorProto):
        return str(_form(value))
    return repr(list(value) if isinstance(value, list | tuple) else value)


def _form(tensor: TensorProto) -> list[Any]:
    """Type and shape of a constant, and its values where they are shapes or axes."""
    values = numpy_helper.to_array(tensor).tolist() if tensor.data_type == TensorProto.INT64 else None
    return [tensor.data_type, list(tensor.dims), values]
