"""Which models of one (task, arch, seed) a runtime computes in the same way, so that one measurement holds for all.

Everything here is read from the models: neither names of recipes nor methods are known.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress.compression.rebuild import open_checkpoint
from multipress.evaluation.latency.graph_digest import graph_digest
from multipress.model.bert import BertClassifier


@dataclass(frozen=True)
class Computation:
    """What a model's latency may depend on, its weights left out."""

    graph: str
    """Digest of the exported graph: operators, precisions, shapes."""
    layers: str
    """Digest of the layers in PyTorch: their classes and order, and shapes and types of their tensors."""
    nonzero: tuple[int, ...]
    """Entries of each matrix of the encoder that are not zero, for runtimes that leave zeros out."""
    is_float: bool
    is_pruned: bool
    has_exits: bool = False
    """Whether it is up to a row how much of the model is computed."""


def read_computation(folder: Path, exported: Path) -> Computation:
    """The computation of a model, from its checkpoint and its ONNX file.

    Raises:
        UserError: a file is missing or damaged.
    """
    graph = graph_digest(exported)
    checkpoint = open_checkpoint(folder)
    model, steps = checkpoint.model, checkpoint.steps
    has_exits = model.exits is not None
    return Computation(graph, _layers(model), _nonzero(model), steps.bits == 32, steps.sparsity > 0, has_exits)


def _layers(model: BertClassifier) -> str:
    content = [
        [f"{type(module).__module__}.{type(module).__qualname__}", [_form(tensor) for tensor in _own_tensors(module)]]
        for module in model.modules()
    ]
    order = model.bert.encoder.order  # layers that are shared are modules once, and take their time each time
    return hashlib.sha256(json.dumps([content, order]).encode()).hexdigest()


def _own_tensors(module: torch.nn.Module) -> Iterable[torch.Tensor]:
    yield from module.parameters(recurse=False)
    yield from module.buffers(recurse=False)


def _form(tensor: torch.Tensor) -> list[str | int]:
    return [str(tensor.dtype), str(tensor.layout), *tensor.shape]


def _nonzero(model: BertClassifier) -> tuple[int, ...]:
    matrices = [tensor for tensor in model.bert.encoder.state_dict().values() if tensor.ndim == 2]
    return tuple(int(torch.count_nonzero(matrix)) for matrix in matrices)


def alike(computations: dict[str, Computation], key: Callable[[Computation], Hashable]) -> list[list[str]]:
    """The recipes in groups of equal key, in their order; the first of a group is the one to measure."""
    groups: dict[Hashable, list[str]] = {}
    for recipe, computation in computations.items():
        groups.setdefault(key(computation), []).append(recipe)
    return list(groups.values())


def by_graph(computation: Computation) -> Hashable:
    """Alike for a runtime of exported models that multiplies zeros like all else."""
    return computation.graph


def by_graph_and_zeros(computation: Computation) -> Hashable:
    """Alike for a runtime of exported models that leaves zeros out."""
    return computation.graph, computation.nonzero


def by_layers(computation: Computation) -> Hashable:
    """Alike for PyTorch.

    The graph counts, too: it knows what layers do with their tensors, and where the data decides how much they do.
    """
    return computation.graph, computation.layers


def by_layers_and_zeros(computation: Computation) -> Hashable:
    """Alike for PyTorch's sparse rows."""
    return computation.graph, computation.layers, computation.nonzero
