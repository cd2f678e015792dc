"""The saved states of a training job: their folder, and the arguments that concern them."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from pydantic import BaseModel

from multipress.core.files import sha256
from multipress.training.saved_states import StateFolder
from workflow_scripts._job_folder import job_folder


def add_states(to: argparse.ArgumentParser) -> None:
    """Add the arguments that say where and how often a training saves its state."""
    to.add_argument("--scratch", type=Path, metavar="PATH", help="folder for states to resume from; default: none")
    to.add_argument("--save-seconds", type=float, default=30.0, metavar="S", help="time between two saves")


def open_states(
    script: str,
    name: str,
    params: BaseModel,
    inputs: Iterable[Path | None],
    device: torch.device,
    arguments: argparse.Namespace,
) -> StateFolder | None:
    """The job's own folder of states; None without ``--scratch``.

    Its name is a fingerprint of everything that the states depend on: params, code, the bytes of the inputs, and how
    the job computes. States of the same job with another fingerprint can never be used, and are removed.
    """
    if arguments.scratch is None:
        return None
    key = {
        "script": script,
        "params": params.model_dump(mode="json"),
        "code": arguments.code or "",
        "inputs": [sha256(path) if path else None for path in inputs],
        "machine": [device.type, arguments.threads, arguments.precision, torch.__version__],
    }
    return StateFolder(job_folder(arguments.scratch, name, key), arguments.save_seconds)
