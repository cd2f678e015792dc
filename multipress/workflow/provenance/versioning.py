"""A study in DVC: the stage of dvc.yaml whose outputs are its results, and the stage's entry in dvc.lock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo
from dvc.stage import PipelineStage
from dvc.utils.serialize import load_yaml

from multipress.core.errors import UserError


@dataclass(frozen=True)
class DvcStage:
    """A stage of dvc.yaml. Paths are relative to the working directory."""

    stage: str
    """Its name for DVC's commands: ``study@demo``."""
    command: str
    outs: list[str]
    """Folders and files that it makes."""
    cached: list[str]
    """Those that DVC keeps; git keeps the others."""
    parameters: str
    """The file of its parameters."""
    lock: Path
    """dvc.lock."""


def study_of(results: str) -> DvcStage:
    """The stage that makes a folder of results.

    Raises:
        UserError: there is none, or dvc.yaml cannot be read.
    """
    with _repository() as repo:
        for stage in repo.index.stages:
            if isinstance(stage, PipelineStage) and f"{results}/models" in _outputs(stage):
                return _study(stage)
    raise UserError(f"dvc.yaml has no study whose results are in {results}: add it to the list in dvc.yaml")


def cache_folder() -> Path:
    """The folder of DVC's cache.

    Raises:
        UserError: DVC cannot work here.
    """
    with _repository() as repo:
        return Path(repo.cache.local.path)


@contextmanager
def _repository() -> Iterator[Repo]:
    """The repository of the working directory.

    Raises:
        UserError: there is none, or DVC cannot work with it.
    """
    try:
        with Repo() as repo:
            yield repo
    except NotDvcRepoError:
        raise UserError(f"{Path.cwd()} is in no DVC repository: run in a clone of multipress") from None
    except (DvcException, OSError) as error:
        raise UserError(f"DVC cannot work here: {one_line(error)}") from None


def _outputs(stage: PipelineStage) -> dict[str, bool]:
    """Each output, and whether DVC keeps it."""
    return {_relative(out.fs_path): out.use_cache for out in stage.outs}


def _relative(path: str) -> str:
    """To the working directory."""
    return Path(os.path.relpath(path)).as_posix()


def _study(stage: PipelineStage) -> DvcStage:
    outputs = _outputs(stage)
    return DvcStage(
        stage=stage.name,
        command=stage.cmd,
        outs=list(outputs),
        cached=[path for path, cached in outputs.items() if cached],
        parameters=_relative(stage.deps[0].fs_path),
        lock=Path(stage.path).with_suffix(".lock"),
    )


def lock_entry(study: DvcStage) -> dict[str, Any] | None:
    """The study's entry in dvc.lock; None if there is none."""
    stages: dict[str, Any] = load_yaml(str(study.lock)).get("stages", {}) if study.lock.exists() else {}
    return stages.get(study.stage)


def parameters_of(study: DvcStage) -> dict[str, Any]:
    """The study's file of parameters, as DVC reads it: other than PyYAML it takes 5e-5 for a number."""
    parameters: dict[str, Any] = load_yaml(study.parameters)
    return parameters


def commit(study: DvcStage) -> None:
    """Let DVC take the study's results as they are: copies into its cache, hashes into dvc.lock.

    Raises:
        UserError: DVC cannot, for example because another of its processes holds the lock.
    """
    try:
        with Repo() as repo:
            repo.commit(study.stage, force=True)
    except (DvcException, OSError) as error:
        raise UserError(f"DVC could not record {study.stage}: {one_line(error)}; fix that and run again") from None


def one_line(error: Exception) -> str:
    """The message of an exception, and of its cause, in one line."""
    parts = [str(error), *([str(error.__cause__)] if error.__cause__ else [])]
    return " ".join(" ".join(parts).split())
