"""The environment: what jobs need in it to find this repository and this Python, and what it is."""

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from multipress.core import machine
from multipress.core.cpus import processor_name

ROOT = Path(__file__).parents[2]
_REPORTED = ("snakemake", "torch", "transformers", "datasets", "onnxruntime")
_RECORDED = (
    *_REPORTED,
    *("dvc", "nlpaug", "nltk", "numpy", "onnx", "pandas", "pyarrow", "pydantic", "safetensors", "scipy", "seaborn"),
    *("snakemake-executor-plugin-slurm", "statsmodels", "tokenizers", "zstandard"),
)

_CODE = ("Snakefile", "rules", "multipress", "workflow_scripts")

NO_GIT = "not under version control"


class Commit(NamedTuple):
    """The state of the code."""

    id: str | None
    """Hash of the commit; None where there is none, or git cannot say."""
    changed: list[str]
    """Files that differ from it, and code that it does not have."""
    problem: str = ""
    """Why there is no hash; empty if there is."""


def export_search_paths(root: Path) -> None:
    """Put ``root`` on PYTHONPATH and this interpreter's folder first on PATH: jobs inherit both."""
    modules, programs = os.environ.get("PYTHONPATH"), os.environ.get("PATH", os.defpath)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), modules]))
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), programs])


def provenance() -> dict[str, str]:
    """The code's commit, the versions of what computes, and the machine: a line each."""
    versions = software(_REPORTED)
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"
    return {
        "code": _format_commit(commit_of(ROOT)),
        "software": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "machine": machine,
    }


def _format_commit(commit: Commit) -> str:
    if commit.id is None:
        return f"no commit: {commit.problem}"
    return f"commit {commit.id}{', with changes' if commit.changed else ''}"


def software(names: tuple[str, ...] = _RECORDED) -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"Python": platform.python_version(), **{name: version(name) for name in names}}


def hardware() -> dict[str, str]:
    """This machine: processor, how many, memory, GPUs, system."""
    return {
        "processor": processor_name(),
        "processors": str(os.cpu_count()),
        "memory": f"{machine.memory() / 2**30:.0f} GiB",
        "gpus": ", ".join(machine.gpus()) or "none",
        "system": f"{platform.system()} {platform.machine()}",
    }


def commit_of(root: Path, without: tuple[str, ...] = ()) -> Commit:
    """The commit of the repository ``root``, and files that differ from it, but for those under ``without``.

    Files that git does not track count where code is found without being named: a method is a folder.
    """
    try:
        commit = _git(root, "rev-parse", "--verify", "HEAD").strip()
        if not _git(root, "ls-files"):
            return Commit(None, [], f"git does not track {root}, which lies in a repository of something else")
        listed = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", "HEAD")
        listed += _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *_CODE)
    except OSError:
        return Commit(None, [], "git is not installed")
    except subprocess.CalledProcessError as error:
        return Commit(None, [], _problem(root, error.stderr))
    files = [file for file in listed.split("\0") if file]
    return Commit(commit, [file for file in files if not any(Path(file).is_relative_to(path) for path in without)])


def _problem(root: Path, said: str) -> str:
    """Why git knows no commit, in one line with what to do."""
    if "not a git repository" in said:
        return NO_GIT
    if "Needed a single revision" in said:
        return "nothing is committed yet"
    if "dubious ownership" in said:
        remedy = shlex.join(["git", "config", "--global", "--add", "safe.directory", str(root)])
        return f"git refuses, for {root} belongs to another user; if you trust them: {remedy}"
    return f"git cannot tell: {' '.join(said.split())}"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), "--no-optional-locks", *arguments]
    environment = os.environ | {"LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
