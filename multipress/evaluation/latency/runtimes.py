"""The models that each runtime is measured with, ready to be called."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress.compression.rebuild import load_model
from multipress.evaluation.latency.batches import Inputs, on_device
from multipress.evaluation.latency.sameness import (
    Computation,
    alike,
    by_graph,
    by_graph_and_zeros,
    by_layers,
    by_layers_and_zeros,
    read_computation,
)
from multipress.model.bert import BertClassifier

ONNXRUNTIME, OPENVINO, TORCH, SPARSE = "onnxruntime", "openvino", "torch", "torch-sparse-csr"


class MissingRuntime(Exception):
    """A runtime that is not installed."""


@dataclass(frozen=True)
class Models:
    """Where the models of one (task, arch, seed) lie."""

    recipes: list[str]
    checkpoints: Path
    """Folder with a folder for each recipe."""
    onnx: Path
    """Folder with an ONNX model for each recipe."""

    def read_computations(self) -> dict[str, Computation]:
        """What each recipe computes; one model at a time is in memory.

        Raises:
            UserError: a model is missing or damaged.
        """
        return {
            recipe: read_computation(self.checkpoints / recipe, self.onnx / f"{recipe}.onnx") for recipe in self.recipes
        }


@dataclass(frozen=True)
class Candidate:
    """A model in a runtime."""

    recipes: list[str]
    """Those that the runtime computes alike: the first is measured, and stands for all."""
    runtime: str
    prepare: Callable[[Inputs], Callable[[], torch.Tensor]]
    """Takes a batch and returns the call to time, which returns when the logits are there."""


def candidates(
    models: Models, computations: dict[str, Computation], runtime: str, device: torch.device, threads: int
) -> list[Candidate]:
    """What the runtime can execute, on ``threads`` threads of the CPU; with PyTorch pruned models as sparse rows, too.

    Raises:
        MissingRuntime: it is not installed.
        UserError: a model is missing or damaged.
    """
    if runtime == TORCH:
        torch.set_num_threads(threads)
        return _in_torch(models, computations, device)
    load, key = _onnxruntime(threads) if runtime == ONNXRUNTIME else _openvino(threads)
    return [
        Candidate(recipes, runtime, _caller(load(models.onnx / f"{recipes[0]}.onnx"), device))
        for recipes in alike(computations, key)
    ]


Loader = Callable[[Path], Callable[..., torch.Tensor]]
Key = Callable[[Computation], Hashable]


def _onnxruntime(threads: int) -> tuple[Loader, Key]:
    """How it loads a model, and what it computes alike: it has no products of sparse matrices."""
    try:
        from multipress.deployment.onnxruntime_model import OnnxModel
    except ImportError:
        raise MissingRuntime("pip install onnxruntime") from None
    return lambda path: OnnxModel(path, threads), by_graph


def _openvino(threads: int) -> tuple[Loader, Key]:
    """How it loads a model, and what it computes alike, which is up to its settings."""
    try:
        from multipress.deployment.openvino_model import OpenVinoModel, leaves_zeros_out
    except ImportError:
        raise MissingRuntime("pip install openvino") from None
    return lambda path: OpenVinoModel(path, threads), by_graph_and_zeros if leaves_zeros_out() else by_graph


def _in_torch(models: Models, computations: dict[str, Computation], device: torch.device) -> list[Candidate]:
    """Float models; PyTorch would compute quantized ones in float, and more slowly."""
    # Here, since only this runtime needs it.
    from multipress.deployment.sparse_csr import with_sparse_linears

    floats = {recipe: computation for recipe, computation in computations.items() if computation.is_float}
    pruned = {recipe: computation for recipe, computation in floats.items() if computation.is_pruned}
    found = []
    for recipes in alike(floats, by_layers):
        found.append(Candidate(recipes, TORCH, _caller(load_model(models.checkpoints / recipes[0]).to(device), device)))
    for recipes in alike(pruned, by_layers_and_zeros):
        sparse = with_sparse_linears(load_model(models.checkpoints / recipes[0]).to(device))
        found.append(Candidate(recipes, SPARSE, _caller(sparse, device)))
    return found


def _caller(
    model: BertClassifier | Callable[..., torch.Tensor], device: torch.device
) -> Callable[[Inputs], Callable[[], torch.Tensor]]:
    """Binds a model to a batch; a GPU is waited for."""

    def prepare(inputs: Inputs) -> Callable[[], torch.Tensor]:
        placed = on_device(inputs, device)

        @torch.inference_mode()
        def call() -> torch.Tensor:
            logits = model(**placed)
            if device.type == "cuda":
                torch.cuda.synchronize()
            return logits

        return call

    return prepare
