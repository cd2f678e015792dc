"""What is installed, what is missing and how to get it, and what this machine has: one line for each.

Of use before a first run, and in a report of an error.
"""

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import multipress
from multipress.core import installed, machine
from multipress.core.cpus import processor_name
from multipress.core.errors import UserError
from multipress.data.hub import usual_cache
from multipress.data.wordnet import check_wordnet
from multipress.workflow.environment import ROOT

EXAMPLE = """
multipress doctor
multipress doctor --json
"""

EXIT_STATUS = "0, all is there that predict needs for ONNX files; 1, something of that is missing, said in one line"

_HUB = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "HF_ENDPOINT")
_SHOWN = 5
"""Packages that differ from the lock and are named."""


class Fact(NamedTuple):
    """A line."""

    name: str
    value: str
    remedy: str = ""
    """What to do where something is missing; empty where nothing is."""

    def __str__(self) -> str:
        """Name, value and remedy."""
        return f"{self.name:<12} {self.value}{f': {self.remedy}' if self.remedy else ''}"


def main(arguments: argparse.Namespace) -> None:
    """Print all facts, or all as JSON.

    Raises:
        UserError: predicting with ONNX files lacks a package.
    """
    packages = installed.by_extra(ROOT)
    facts = [*_software(packages), *_machine(), *_programs(), *_data()]
    if arguments.json:
        extras = {extra: [each._asdict() for each in of_extra] for extra, of_extra in packages.items()}
        print(json.dumps({"facts": [fact._asdict() for fact in facts], "packages": extras}, indent=2))
    else:
        print(*facts, sep="\n", flush=True)
    if missing := _missing(packages.get(installed.BASE, [])):
        raise UserError(f"predict needs {', '.join(map(str, missing))}: {_install('')}")


def _software(packages: dict[str, list[installed.Package]]) -> Iterator[Fact]:
    yield Fact("multipress", f"{multipress.__version__} in {Path(multipress.__file__).parent}")
    yield Fact("Python", f"{platform.python_version()}, {sys.executable}")
    for extra, asked in packages.items():
        if missing := _missing(asked):
            yield Fact(extra, f"missing {', '.join(map(str, missing))}", _install(extra))
        else:
            yield Fact(extra, f"complete: {', '.join(map(str, asked))}")
    if not packages:
        yield Fact("packages", "what is asked for is not known", _install(""))
    if (lock := ROOT / "requirements.lock").is_file():
        others = installed.unlike_lock(lock)
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        yield Fact("lock", f"unlike {lock.name}: {', '.join(others[:_SHOWN])}{more}" if others else f"as {lock.name}")


def _missing(asked: list[installed.Package]) -> list[installed.Package]:
    return [package for package in asked if not package.is_there]


def _install(extra: str) -> str:
    """The command that brings an extra."""
    return f"pip install 'multipress[{extra}]'" if extra not in ("", installed.BASE) else "pip install multipress"


def _machine() -> Iterator[Fact]:
    yield Fact("platform", platform.platform())
    flags, none = machine.instructions(), f"none of {', '.join(machine.INSTRUCTIONS)}"
    known = "instructions not known" if flags is None else ", ".join(flags) or none
    yield Fact("CPU", f"{processor_name()}; {known}")
    yield Fact("cores", f"{machine.usable_cpus()} to use, {os.cpu_count()} in all")
    free = machine.free_memory()
    yield Fact("memory", _gigabytes(machine.memory()) + (f", {_gigabytes(free)} free" if free is not None else ""))
    yield Fact("disk", f"{_gigabytes(shutil.disk_usage('.').free)} free at {Path.cwd()}")
    yield _gpu()


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _gpu() -> Fact:
    """What PyTorch sees; what the driver has where there is no PyTorch."""
    of_driver = f"the driver has {', '.join(machine.gpus()) or 'none'}"
    try:
        import torch  # which takes seconds, and is in no base
    except ImportError as error:
        why = "no PyTorch" if isinstance(error, ModuleNotFoundError) else f"PyTorch does not load ({error})"
        return Fact("GPU", f"{why}; {of_driver}")
    if not torch.cuda.is_available():
        return Fact("GPU", f"PyTorch {torch.__version__} sees none; {of_driver}")
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return Fact("GPU", f"{', '.join(names)}, by PyTorch {torch.__version__}")


def _programs() -> Iterator[Fact]:
    purposes = {"git": "commits in records", "dvc": "versions of results", "sbatch": "the profile slurm"}
    for name, purpose in purposes.items():
        yield Fact(name, machine.said_by(name, "--version") or f"not found; it is for {purpose}")


def _data() -> Iterator[Fact]:
    yield _nltk_data()
    cache = usual_cache()
    yield Fact("hub cache", f"{cache}{'' if cache.is_dir() else ', which is not there yet'}")
    chosen = [f"{name}={os.environ[name]}" for name in _HUB if os.environ.get(name)]
    yield Fact("hub", ", ".join(chosen) or f"no variable is set of {', '.join(_HUB)}")


def _nltk_data() -> Fact:
    try:
        check_wordnet()
    except UserError as error:
        what, _, remedy = str(error).partition(": ")
        return Fact("NLTK data", f"not found ({what})", remedy)
    return Fact("NLTK data", "WordNet and the tagger found")


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    result.add_argument("--json", action="store_true", help="the facts as JSON")
