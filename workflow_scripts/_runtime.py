"""How a job computes: arguments that change no result worth rerunning for."""

import argparse

import torch

from multipress.core import devices


def add_runtime(to: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a job computes."""
    to.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto takes a GPU if there is one"
    )
    to.add_argument("--threads", type=int, default=1, help="CPU threads")


def add_precision(to: argparse.ArgumentParser) -> None:
    """Add the arguments that say how a training computes on its device."""
    to.add_argument(
        "--precision",
        choices=["auto", "float32", "tf32", "bfloat16"],
        default="auto",
        help="of products; auto takes bfloat16 on a GPU that has it; on a CPU tf32 is float32",
    )
    to.add_argument(
        "--nondeterministic",
        action="store_true",
        help="on a GPU, allow kernels that vary from run to run in the last bits",
    )


def prepare_training(arguments: argparse.Namespace, seed: int) -> torch.device:
    """Set seeds and threads, and choose device and kernels."""
    device = devices.prepare(arguments.device, arguments.threads, seed)
    devices.choose_kernels(not arguments.nondeterministic, arguments.precision)
    return device
