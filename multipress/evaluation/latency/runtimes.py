"""The models that each runtime is measured with, ready to be called."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress.compression.rebuild import open_checkpoint
from multipress.compression.steps_file import read_steps
from multipress.evaluation.latency.batches import Inputs, on_device
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


@dataclass(frozen=True)
class Candidate:
    """A model in a runtime."""

    recipe: str
    runtime: str
    prepare: Callable[[Inputs], Callable[[], torch.Tensor]]
    """Takes a batch and returns the call to time, which returns when the logits are there."""


def candidates(models: Models, runtime: str, device: torch.device, threads: int) -> list[Candidate]:
    """All recipes that the runtime can execute, on ``threads`` threads of the CPU; with PyTorch the sparse ones, too.

    Raises:
        MissingRuntime: it is not installed.
        UserError: a model is missing or damaged.
    """
    if runtime == TORCH:
        torch.set_num_threads(threads)
        return _in_torch(models, device)
    load = _onnxruntime(threads) if runtime == ONNXRUNTIME else _openvino(threads)
    return [
        Candidate(recipe, runtime, _caller(load(models.onnx / f"{recipe}.onnx"), device)) for recipe in models.recipes
    ]


def _onnxruntime(threads: int) -> Callable[[Path], Callable[..., torch.Tensor]]:
    try:
        from multipress.deployment.onnxruntime_model import OnnxModel
    except ImportError:
        raise MissingRuntime("pip install onnxruntime") from None
    return lambda path: OnnxModel(path, threads)


def _openvino(threads: int) -> Callable[[Path], Callable[..., torch.Tensor]]:
    try:
        from multipress.deployment.openvino_model import OpenVinoModel
    except ImportError:
        raise MissingRuntime("pip install openvino") from None
    return lambda path: OpenVinoModel(path, threads)


def _in_torch(models: Models, device: torch.device) -> list[Candidate]:
    """Float models; PyTorch would compute quantized ones in float, and more slowly."""
    # Here, since only this runtime needs it.
    from multipress.deployment.sparse_csr import with_sparse_linears

    found = []
    for recipe in models.recipes:
        if read_steps(models.checkpoints / recipe).bits < 32:
            continue
        checkpoint = open_checkpoint(models.checkpoints / recipe)
        model = checkpoint.model.to(device)
        found.append(Candidate(recipe, TORCH, _caller(model, device)))
        if checkpoint.steps.sparsity:
            found.append(Candidate(recipe, SPARSE, _caller(with_sparse_linears(model), device)))
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
