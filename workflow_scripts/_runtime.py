"""Where a job computes: arguments that change no result worth rerunning for."""

import argparse


def add_runtime(to: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a job computes."""
    to.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto takes a GPU if there is one"
    )
    to.add_argument("--threads", type=int, default=1, help="CPU threads")
