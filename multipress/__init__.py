"""multipress: do compressions of BERT multiply? The paper's experiment as a workflow."""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``multipress.load``, imported when somebody asks for it: importing the package alone costs nothing."""
    if name == "load":
        from multipress.deployment.predictor import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
