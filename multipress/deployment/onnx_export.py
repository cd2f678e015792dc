"""A BERT classifier as an ONNX model with real integer weights, for onnxruntime, OpenVINO and others.

Written out node by node. PyTorch's exporter takes seconds a model, and cannot write fake quantization; here a quantized
weight is an integer constant before a DequantizeLinear, and activations pass QuantizeLinear and DequantizeLinear, which
runtimes turn into products of integers. As in training, the last layer computes the first token alone.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import onnx
import torch
from torch import nn

from multipress.compression.layer_times import Part
from multipress.compression.lowering import Lowerings
from multipress.compression.quantize.layers import QuantizedEmbedding, QuantizedLinear
from multipress.compression.quantize.rounding import TINY, WeightQuantizer
from multipress.compression.quantize.scheme import MIN_BITS
from multipress.compression.quantize.signs import SignQuantizer
from multipress.compression.quantize.tokens import STEPS, TokenQuantizer
from multipress.deployment import onnx_bytes, onnx_exits
from multipress.deployment.onnx_exits import Passing
from multipress.deployment.onnx_graph import OnnxGraph
from multipress.deployment.onnx_interface import INPUTS, OUTPUT
from multipress.deployment.stored_tensors import on_grid
from multipress.model.bert import BertClassifier, Layer, Residual, SelfAttention
from multipress.model.exits import Exits
from multipress.model.layers import Linear

_MASKED = float(np.finfo(np.float32).min)
_END = 2**31
"""Beyond the rows of any matrix."""


def to_onnx(model: BertClassifier, metadata: dict[str, str], lowerings: Lowerings | None = None) -> onnx.ModelProto:
    """The model in evaluation mode, with dynamic batch and length; output ``logits``, float32 (batch, outputs).

    ``lowerings`` write the layers that methods brought in, by their classes.
    """
    writer = _Writer(model, lowerings or {})
    writer.write()
    inputs = {name: ["batch", "length"] for name in INPUTS}
    return writer.graph.model(inputs, {OUTPUT: ["batch", model.config.outputs]}, metadata)


def parts_to_onnx(model: BertClassifier, metadata: dict[str, str], part: Part) -> onnx.ModelProto:
    """One part of a model alone between embeddings and classifier, the blocks of all layers in a row, to be timed.

    With the rest alone there is nothing between them. Inputs, output and metadata are those of ``to_onnx``.
    """
    writer = _Writer(model, {})
    writer.write_part(part)
    inputs = {name: ["batch", "length"] for name in INPUTS}
    return writer.graph.model(inputs, {OUTPUT: ["batch", model.config.outputs]}, metadata)


class _Writer:
    """Walks through a classifier as its ``forward`` does."""

    def __init__(self, model: BertClassifier, lowerings: Lowerings) -> None:
        self.graph = OnnxGraph()
        self.inputs = INPUTS
        self._lowerings = lowerings
        self._model, self._config = model, model.config
        order = model.bert.encoder.order
        *before, last = order
        self._apart = {f"layer{last}"} if last in before else set()
        """A layer that is the last one and another: both times the query has a matrix of its own, the same constant."""
        layers = model.bert.encoder.layers
        self._layers = [(f"layer{number}", layer) for number, layer in zip(order, layers, strict=True)]
        self._shared = {part for layer in layers if layers.count(layer) > 1 for part in layer.modules()}
        """The parts of layers that stand in several places: their constants are stored once."""
        self._copies: Counter[str] = Counter()

    def write(self) -> None:
        bert = self._model.bert
        if lower := self._lowerings.get(type(bert)):
            self._classified("", self._model.classifier, lower(self, "student", bert, INPUTS[0]), OUTPUT)
            return
        rows = Passing(self._embeddings(), self._mask())
        if isinstance(self._model.exits, Exits):
            self.graph.add("Identity", self._with_exits(self._model.exits, 0, rows), name=OUTPUT)
            return
        hidden = rows.hidden
        *layers, last = self._layers
        for name, layer in layers:
            hidden = self._layer(name, layer, hidden, rows.mask, first_only=False)
        hidden = self._layer(*last, hidden, rows.mask, first_only=True)
        self._answer("", self._model.bert.pooler.dense, self._model.classifier, hidden, OUTPUT)

    def write_part(self, part: Part) -> None:
        hidden = self._embeddings()
        first = self._first(hidden)
        match part:
            case "attention":
                mask = self._mask()
                for name, layer in self._layers:
                    hidden = self._attended(name, layer, hidden, mask, first_only=False)
                first = self._first(hidden)
            case "feed_forward":
                for name, layer in self._layers:
                    hidden = self._fed_forward(name, layer, hidden)
                first = self._first(hidden)
            case "last_attention":
                # Beside each other: each reads the states of all tokens, and leaves one.
                mask = self._mask()
                ends = [self._attended(name, layer, hidden, mask, first_only=True) for name, layer in self._layers]
                first = self.graph.add("Sum", *ends)
            case "last_feed_forward":
                for name, layer in self._layers:
                    first = self._fed_forward(name, layer, first)
        self._answer("", self._model.bert.pooler.dense, self._model.classifier, first, OUTPUT)

    def _with_exits(self, exits: Exits, number: int, rows: Passing) -> str:
        """Logits of rows that are to pass a layer and those after it, unless they leave: then they are not computed."""
        name, layer = self._layers[number]
        if number == len(exits):
            hidden = self._layer(name, layer, rows.hidden, rows.mask, first_only=True)
            return self._answer("", self._model.bert.pooler.dense, self._model.classifier, hidden)
        graph, leave = self.graph, exits.held[number]
        hidden = self._layer(name, layer, rows.hidden, rows.mask, first_only=False)
        logits = self._answer(f"exit{number}.", leave.pooler.dense, leave.classifier, self._first(hidden))
        leaving, streak = onnx_exits.leaving(graph, exits.rule, logits, self._config.outputs, rows)
        end, rest = graph.branch(), graph.branch()
        self.graph = rest
        staying = rest.add("Not", leaving)
        others = Passing(hidden, rows.mask, logits, streak).only(rest, staying)
        found = onnx_exits.filled_in(rest, logits, staying, self._with_exits(exits, number + 1, others))
        self.graph = graph
        return graph.either(onnx_exits.all_of(graph, leaving), (end, end.add("Identity", logits)), (rest, found))

    def _answer(self, prefix: str, pooler: nn.Module, head: nn.Linear, first: str, name: str = "") -> str:
        """Logits from first tokens' states, shape (batch, 1, hidden)."""
        graph = self.graph
        pooled = graph.add("Tanh", self.linear(f"{prefix}pooler", pooler, first))
        # Not before: onnxruntime has no product of integers for two dimensions and a bias.
        return self._classified(prefix, head, graph.add("Squeeze", pooled, graph.integers(1)), name)

    def _classified(self, prefix: str, head: nn.Linear, pooled: str, name: str) -> str:
        """Logits from what the classifier reads, shape (batch, hidden)."""
        weight = self._floats(f"{prefix}classifier.weight", head.weight)
        bias = self._floats(f"{prefix}classifier.bias", head.bias)
        answer: str = self.graph.add("Gemm", pooled, weight, bias, name=name, transB=1)
        return answer

    def _embeddings(self) -> str:
        graph, tables = self.graph, self._model.bert.embeddings
        words = self.rows("words", tables.word_embeddings, INPUTS[0])
        types = self.rows("types", tables.token_type_embeddings, INPUTS[2])
        length = graph.add("Shape", INPUTS[0], start=1, end=2)
        places = graph.constant("places", np.arange(self._config.max_position_embeddings))
        used = graph.add("Slice", places, graph.integers(0), length, graph.integers(0))
        positions = self.rows("positions", tables.position_embeddings, used)
        summed = graph.add("Add", graph.add("Add", words, types), positions)
        return self._norm("embeddings.norm", tables.LayerNorm, summed)

    def rows(self, name: str, table: nn.Module, ids: str) -> str:
        """Rows of a table; of a quantized one integers are gathered, and only those become floats."""
        graph = self.graph
        if lower := self._lowerings.get(type(table)):
            return lower(self, name, table, ids)
        if not isinstance(table, nn.Embedding):
            raise TypeError(f"{name}: no method says how {type(table).__name__} is written to ONNX")
        if not isinstance(table, QuantizedEmbedding):
            return graph.add("Gather", self._floats(name, table.weight), ids)
        quantizer = table.weight_quantizer
        values = self._on_grid(name, table.weight, quantizer)
        if quantizer.bits < MIN_BITS:
            integers = onnx_bytes.rows(graph, name, values, quantizer.bits, ids)
        else:
            integers = graph.add("Gather", graph.constant(name, values), ids)
        scale = self._floats(f"{name}.scale", quantizer.scale)
        if quantizer.per_channel:
            scale = graph.add("Unsqueeze", graph.add("Gather", scale, ids), graph.integers(-1))
            return graph.add("Mul", graph.add("Cast", integers, to=onnx.TensorProto.FLOAT), scale)
        return graph.add("DequantizeLinear", integers, scale)

    def _mask(self) -> str:
        """0 where a token is, and the lowest number where none is; shape (batch, 1, 1, length)."""
        graph = self.graph
        present = graph.add("Cast", INPUTS[1], to=onnx.TensorProto.BOOL)
        zero, lowest = graph.constant("zero", 0.0, np.float32), graph.constant("lowest", _MASKED, np.float32)
        return graph.add("Unsqueeze", graph.add("Where", present, zero, lowest), graph.integers(1, 2))

    def _layer(self, name: str, layer: Layer, hidden: str, mask: str, first_only: bool) -> str:
        return self._fed_forward(name, layer, self._attended(name, layer, hidden, mask, first_only))

    def _attended(self, name: str, layer: Layer, hidden: str, mask: str, first_only: bool) -> str:
        kept = self._first(hidden) if first_only else hidden
        attended = self._attention(name, layer.attention.self, hidden, mask, first_only)
        return self._residual(f"{name}.attention", layer.attention.output, attended, kept)

    def _fed_forward(self, name: str, layer: Layer, attended: str) -> str:
        wide = self._activated(self.linear(f"{name}.wide", layer.intermediate.dense, attended))
        return self._residual(f"{name}.output", layer.output, wide, attended)

    def _activated(self, values: str) -> str:
        graph = self.graph
        match self._config.activation:
            case "gelu":
                return graph.add("Gelu", values)
            case "gelu_tanh":
                return graph.add("Gelu", values, approximate="tanh")
            case "relu":
                return graph.add("Relu", values)
            case "silu":
                return graph.add("Mul", values, graph.add("Sigmoid", values))

    def _first(self, hidden: str) -> str:
        """The first token of each row, shape (batch, 1, hidden)."""
        graph = self.graph
        return graph.add("Slice", hidden, graph.integers(0), graph.integers(1), graph.integers(1))

    def _residual(self, name: str, block: Residual, values: str, residual: str) -> str:
        projected = self.linear(name, block.dense, values)
        return self._norm(f"{name}.norm", block.LayerNorm, self.graph.add("Add", projected, residual))

    def _attention(self, name: str, attention: SelfAttention, hidden: str, mask: str, first_only: bool) -> str:
        graph = self.graph
        heads, width = attention.heads, self._config.hidden_size // self._config.num_attention_heads
        projections = self._projections(name, attention, hidden, first_only)
        query, key, value = (self._heads_apart(values, heads, width) for values in projections)
        scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
        scaled = graph.add("Mul", scores, graph.constant("attention.scale", 1 / math.sqrt(width), np.float32))
        weights = graph.add("Softmax", graph.add("Add", scaled, mask), axis=-1)
        mixed = graph.add("Transpose", graph.add("MatMul", weights, value), perm=[0, 2, 1, 3])
        return graph.add("Reshape", mixed, graph.integers(0, 0, heads * width))

    def _projections(self, name: str, attention: SelfAttention, hidden: str, first_only: bool) -> list[str]:
        """Query, key and value, each of shape (batch, length, heads * width), as ``SelfAttention`` computes them."""
        modules = [attention.query, attention.key, attention.value]
        layers = [module for module in modules if isinstance(module, Linear) and type(module) not in self._lowerings]
        if len(layers) < len(modules):
            states = [self._first(hidden) if first_only else hidden, hidden, hidden]
            parts = zip(("query", "key", "value"), modules, states, strict=True)
            return [self.linear(f"{name}.{part}", module, state) for part, module, state in parts]
        hidden = self._quantized(name, layers[0], hidden)
        if first_only or name in self._apart:
            query = self._product(f"{name}.query", layers[:1], self._first(hidden) if first_only else hidden)
            return [query, *self._split(f"{name}.key_value", layers[1:], hidden)]
        return self._split(f"{name}.query_key_value", layers, hidden)

    def _split(self, name: str, layers: Sequence[nn.Linear], values: str) -> list[str]:
        """The layers' outputs from one product."""
        joint = self._product(name, layers, values)
        return self.graph.add("Split", joint, axis=-1, num_outputs=len(layers), outputs=len(layers))

    def _heads_apart(self, values: str, heads: int, width: int) -> str:
        """Shape (batch, heads, length, width) from (batch, length, heads * width)."""
        shape = self.graph.integers(0, 0, heads, width)
        return self.graph.add("Transpose", self.graph.add("Reshape", values, shape), perm=[0, 2, 1, 3])

    def linear(self, name: str, layer: nn.Module, values: str) -> str:
        """The output of a linear layer: plain, quantized, or one that a method knows how to write."""
        if lower := self._lowerings.get(type(layer)):
            return lower(self, name, layer, values)
        if not isinstance(layer, nn.Linear):
            raise TypeError(f"{name}: no method says how {type(layer).__name__} is written to ONNX")
        return self._product(name, [layer], self._quantized(name, layer, values))

    def kernel(self, name: str, layer: nn.Module) -> str:
        """The weight of a linear layer, plain or quantized, as floats of shape (inputs, outputs).

        Not by DequantizeLinear, nor by a cast of 8 bits, which OpenVINO takes for one: runtimes keep those for products
        of integers. This they compute once, as they load the file.
        """
        assert isinstance(layer, nn.Linear), "layers of other methods have no such weight"
        if not isinstance(layer, QuantizedLinear):
            return self._kernel(name, [layer])
        graph, quantizer = self.graph, layer.weight_quantizer
        integers = self._on_grid(name, layer.weight, quantizer).T
        stored = (
            onnx_bytes.matrix(graph, name, integers, quantizer.bits)
            if quantizer.bits < MIN_BITS
            else graph.constant(name, integers)
        )
        floats = graph.add("Cast", graph.add("Cast", stored, to=onnx.TensorProto.INT32), to=onnx.TensorProto.FLOAT)
        return graph.add("Mul", floats, self._floats(f"{name}.scale", quantizer.scale))

    def _quantized(self, name: str, layer: nn.Linear, values: str) -> str:
        """The values on the layer's grid of activations, if it has one."""
        if not isinstance(layer, QuantizedLinear) or isinstance(layer.input_quantizer, nn.Identity):
            return values
        graph, quantizer = self.graph, layer.input_quantizer
        if isinstance(quantizer, TokenQuantizer):
            return self._on_grids_of_tokens(values)
        scale, zero_point = quantizer.parameters_of_grid()
        kind = np.uint8 if quantizer.levels < 2**8 else np.uint16
        grid = self._floats(f"{name}.input_scale", scale), graph.constant(f"{name}.zero_point", int(zero_point), kind)
        return graph.add("DequantizeLinear", graph.add("QuantizeLinear", values, *grid), *grid)

    def _on_grids_of_tokens(self, values: str) -> str:
        """As ``TokenQuantizer`` computes."""
        graph = self.graph
        largest = graph.add("ReduceMax", graph.add("Abs", values), graph.integers(-1), keepdims=1)
        steps, least = graph.constant("token.steps", STEPS, np.float32), graph.constant("token.least", TINY, np.float32)
        scale = graph.add("Max", graph.add("Div", largest, steps), least)
        bounds = [graph.constant(f"token.{end}", end, np.float32) for end in (-STEPS, STEPS - 1)]
        return graph.add("Mul", graph.add("Clip", graph.add("Round", graph.add("Div", values, scale)), *bounds), scale)

    def _product(self, name: str, layers: Sequence[nn.Linear], values: str) -> str:
        """One product for all layers; a quantized weight is an integer constant with a scale for each output."""
        graph = self.graph
        product = graph.add("MatMul", values, self._kernel(name, layers))
        if layers[0].bias is None:
            return product
        bias = self._array(f"{name}.bias", [layer.bias.detach().numpy() for layer in layers])
        return graph.add("Add", product, bias)

    def _kernel(self, name: str, layers: Sequence[nn.Linear]) -> str:
        """The layers' weights beside each other, shape (inputs, outputs)."""
        quantized = [layer for layer in layers if isinstance(layer, QuantizedLinear)]
        if not quantized:
            return self._array(f"{name}.weight", [layer.weight.detach().numpy().T for layer in layers])
        integers = [self._on_grid(name, layer.weight, layer.weight_quantizer).T for layer in quantized]
        if quantized[0].weight_quantizer.bits < MIN_BITS:
            return self._kernel_of_bytes(name, quantized, np.concatenate(integers, axis=-1))
        scales = [np.broadcast_to(layer.weight_quantizer.scale.numpy(), layer.out_features) for layer in quantized]
        weight, scale = self._array(f"{name}.weight", integers), self._array(f"{name}.scale", scales)
        # Zero, yet spelled out: onnxruntime makes a scalar of it where it moves the integers to 0 … 255.
        zero_point = self._array(f"{name}.weight_zero_point", [np.zeros_like(part[0]) for part in integers])
        if self._shared.issuperset(quantized):
            weight, zero_point = self._copy(weight), self._copy(zero_point)
        return self.graph.add("DequantizeLinear", weight, scale, zero_point, axis=1)

    def _copy(self, integers: str) -> str:
        """The integers once more, for a product alone; runtimes make the copy when they load the model.

        Where onnxruntime moves integers to 0 … 255, it would give those of two products the same name. The copy is cut
        up to a place beyond the end, each time another, for of two equal cuts it would make one.
        """
        self._copies[integers] += 1
        graph = self.graph
        return graph.add("Slice", integers, graph.integers(0), graph.integers(_END - self._copies[integers]))

    def _kernel_of_bytes(self, name: str, layers: Sequence[QuantizedLinear], integers: np.ndarray) -> str:
        """The same from bytes of several weights; scales and zero points, which would take as much, are repeated."""
        graph = self.graph
        weight = onnx_bytes.matrix(graph, f"{name}.weight", integers, layers[0].weight_quantizer.bits)
        scales = [self._repeated(f"{name}.scale{number}", layer) for number, layer in enumerate(layers)]
        scale = graph.add("Concat", *scales, axis=0) if len(scales) > 1 else scales[0]
        zero = graph.constant("weight_zero_point", [0], np.int8)
        zero_point = graph.add("Expand", zero, graph.integers(integers.shape[1]))
        return graph.add("DequantizeLinear", weight, scale, zero_point, axis=1)

    def _repeated(self, name: str, layer: QuantizedLinear) -> str:
        """A layer's scale for each of its outputs."""
        scale = self.graph.constant(name, np.atleast_1d(layer.weight_quantizer.scale.numpy()))
        return self.graph.add("Expand", scale, self.graph.integers(layer.out_features))

    def _on_grid(self, name: str, weight: torch.Tensor, quantizer: WeightQuantizer | SignQuantizer) -> np.ndarray:
        """The integers of a settled weight."""
        return on_grid(name, weight.detach().numpy(), quantizer.scale.numpy(), quantizer.bits)

    def _norm(self, name: str, norm: nn.LayerNorm, values: str) -> str:
        weight, bias = self._floats(f"{name}.weight", norm.weight), self._floats(f"{name}.bias", norm.bias)
        return self.graph.add("LayerNormalization", values, weight, bias, axis=-1, epsilon=norm.eps)

    def _floats(self, name: str, tensor: torch.Tensor) -> str:
        return self.graph.constant(name, tensor.detach().numpy())

    def _array(self, name: str, parts: Sequence[np.ndarray]) -> str:
        return self.graph.constant(name, np.concatenate(parts, axis=-1))
