"""Where a job computes, and how it is made repeatable."""

import os

import torch

from multipress.core.errors import UserError


def prepare(device: str, threads: int, seed: int) -> torch.device:
    """Set thread count and seeds, and choose the device: ``auto`` takes a GPU where the job sees one.

    Raises:
        UserError: ``cuda`` is asked for and none is visible.
    """
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UserError("runtime.device is cuda, but this job sees no GPU: use auto or cpu, or request a GPU")
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device("cuda" if available and device != "cpu" else "cpu")


def choose_kernels(deterministic: bool, precision: str) -> None:
    """Let a GPU use kernels that give the same bits in every run, and with ``auto`` TF32 where products are in float32.

    Where an operation has no deterministic kernel, PyTorch warns. On a CPU every kernel that is used here is
    deterministic for a given number of threads.
    """
    if torch.cuda.is_available():
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(deterministic, warn_only=True)
        torch.set_float32_matmul_precision("high" if precision == "auto" else "highest")


def uses_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether products are computed in bfloat16: ``auto`` takes it on a GPU that has it."""
    if precision == "auto":
        return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return precision == "bfloat16"
