"""The libraries that a worker loads: those that jobs of a local run load first of all, and that start no threads."""

import importlib
from contextlib import suppress

LIBRARIES = (
    "torch",
    "safetensors.torch",
    "pydantic",
    "pyarrow.ipc",
    "pyarrow.parquet",
    "tokenizers",
    "zstandard",
    "onnx",
    "pandas",
    "scipy.stats",
    "matplotlib.pyplot",
    "psutil",
)


def load() -> None:
    """Load them all; what is not installed is for the job to miss."""
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
