"""A training job that prints its CPU seconds before its first step, for ``benchmarks.startup``.

    python -m benchmarks.watched_job optimizer,pandas ARGUMENTS OF workflow_scripts.train_step

The first argument names cures of slow starts that are undone: ``optimizer``, ``pandas``, ``end``; or it is ``none``.
"""

import resource
import runpy
import sys
from typing import Any

from multipress.training.history import History


def undo(cure: str) -> None:
    """Load or do what jobs did before."""
    if cure == "optimizer":
        import torch

        torch.optim.AdamW([torch.zeros(1)])  # loads the compiler and sympy
    elif cure == "pandas":
        import pandas  # noqa: F401
    elif cure == "end":
        from workflow_scripts import _command

        _command.end_at_once = sys.exit


def main() -> None:
    """Run the job."""
    undone, *arguments = sys.argv[1:]
    for cure in undone.split(","):
        undo(cure)
    made = History.__init__

    def note(history: History, *args: Any, **options: Any) -> None:
        made(history, *args, **options)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print("before the first step", used.ru_utime + used.ru_stime, flush=True)

    History.__init__ = note  # type: ignore[method-assign]
    sys.argv = ["train_step", *arguments]
    runpy.run_module("workflow_scripts.train_step", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
