"""What a measurement is tied to beside models and settings: times of another machine are not mixed with this one's."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import torch

from multipress.core.cpus import processor_name

RUNTIMES = ("torch", "onnxruntime", "openvino")


def machine(with_gpu: bool) -> dict[str, str | int | None]:
    """Name, processor, number of CPUs and GPU of this machine, and the versions of its runtimes."""
    return {
        "node": platform.node(),
        "cpu": processor_name(),
        "cpus": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if with_gpu else None,
        **{name: _version(name) for name in RUNTIMES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
