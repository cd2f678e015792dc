"""The environment: what jobs need in it to find this repository and this Python, and what it is."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path


def settle(root: Path) -> None:
    """Put ``root`` on PYTHONPATH and this interpreter's folder first on PATH: jobs inherit both."""
    modules, programs = os.environ.get("PYTHONPATH"), os.environ.get("PATH", os.defpath)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), modules]))
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), programs])


def provenance() -> dict[str, str]:
    """The code's commit, the versions of what computes, and the machine: a line each."""
    packages = ("snakemake", "torch", "transformers", "datasets", "onnxruntime")
    software = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"
    return {"code": _commit(Path(__file__).parents[1]), "software": ", ".join(software), "machine": machine}


def _commit(root: Path) -> str:
    """The commit, and whether files differ from it."""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "not under version control"
    return f"commit {commit}{', with changes' if changed else ''}"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
