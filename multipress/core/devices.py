"""Where a job computes, and how it is made repeatable."""

import os
import sys
from collections.abc import Mapping

import torch

from multipress.core.cpus import processor_name
from multipress.core.errors import UserError

_REQUESTS = ("SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "SLURM_GPUS_ON_NODE", "SLURM_GPUS", "CUDA_VISIBLE_DEVICES")
"""Variables of a job that was given GPUs."""

_NONE = ("", "-1", "NoDevFiles")
"""Values of CUDA_VISIBLE_DEVICES that hide all GPUs; SLURM and CUDA write them."""


def prepare(device: str, threads: int, seed: int) -> torch.device:
    """Set thread count and seeds, and choose the device: ``auto`` takes a GPU where the job sees one.

    Where a GPU was requested of SLURM or by CUDA_VISIBLE_DEVICES and none is seen, ``auto`` says so on standard error.

    Raises:
        UserError: ``cuda`` is asked for and none is visible.
    """
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        reason, remedy = why_no_gpu()
        raise UserError(
            f"runtime.device is cuda, but this job sees no GPU, because {reason}: {remedy}, or set runtime.device to "
            "auto or cpu"
        )
    if device == "auto" and not available and (request := requested_gpu(os.environ)):
        reason, remedy = why_no_gpu()
        print(
            f"WARNING: a GPU was requested ({request}), but this job sees none, because {reason}: it goes on on the "
            f"CPU, many times more slowly; {remedy}, or set runtime.device to cpu, so that no GPU is requested",
            file=sys.stderr,
            flush=True,
        )
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device("cuda" if available and device != "cpu" else "cpu")


def described(device: torch.device) -> str:
    """A GPU's name; of a CPU its name and the threads that compute."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{processor_name()}, {threads} thread{'' if threads == 1 else 's'}"


def requested_gpu(environment: Mapping[str, str]) -> str | None:
    """The variable and value that show that this job was given a GPU; None where it was not."""
    for name in _REQUESTS:
        value = environment.get(name, "").strip()
        if value not in _NONE and not (name == "SLURM_GPUS_ON_NODE" and value == "0"):
            return f"{name}={value}"
    return None


def why_no_gpu() -> tuple[str, str]:
    """Why this process sees no GPU, and what to do about it."""
    failure = ""
    try:
        torch.cuda.init()
    except (AssertionError, RuntimeError) as error:  # the library's, of one class or the other
        failure = str(error).strip().partition("\n")[0].partition(". ")[0].rstrip(".")
    return explain_no_gpu(torch.__version__, torch.version.cuda, os.environ.get("CUDA_VISIBLE_DEVICES"), failure)


def explain_no_gpu(version: str, cuda: str | None, visible: str | None, failure: str) -> tuple[str, str]:
    """Reason and remedy.

    Args:
        version: of PyTorch.
        cuda: the version of CUDA that it was built with; None: without.
        visible: CUDA_VISIBLE_DEVICES; None: not set.
        failure: what CUDA said when it was started.
    """
    if cuda is None:
        return f"PyTorch {version} is built without CUDA", "install a PyTorch with CUDA (https://pytorch.org)"
    if visible is not None and visible.strip() in _NONE:
        shown = "empty" if not visible.strip() else visible
        return (
            f"CUDA_VISIBLE_DEVICES is {shown}",
            "unset it, or request a GPU of SLURM (slurm/config.yaml says how your site asks for one)",
        )
    if "no NVIDIA driver" in failure:
        return "there is no NVIDIA driver here", "run it on a node with a GPU, or request one (slurm/config.yaml)"
    if visible is not None:
        return (
            f"CUDA_VISIBLE_DEVICES is {visible}, and CUDA says: {failure or 'no device'}",
            "name a GPU that is there, or unset it",
        )
    return f"CUDA says: {failure or 'no device'}", "look at nvidia-smi, and run it on a node with a GPU"


def choose_kernels(deterministic: bool, precision: str) -> None:
    """Let a GPU use kernels that give the same bits in every run, and with ``auto`` or ``tf32`` TF32 for float32.

    Where an operation has no deterministic kernel, PyTorch warns. On a CPU every kernel that is used here is
    deterministic for a given number of threads.
    """
    if torch.cuda.is_available():
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(deterministic, warn_only=True)
        torch.set_float32_matmul_precision("high" if precision in ("auto", "tf32") else "highest")


def uses_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether products are computed in bfloat16: ``auto`` takes it on a GPU that has it."""
    if precision == "auto":
        return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return precision == "bfloat16"
