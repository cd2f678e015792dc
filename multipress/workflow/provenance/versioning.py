"""A study in DVC: the stage of dvc.yaml whose outputs are its results, and the stage's entry in dvc.lock."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from dvc.dvcfile import PROJECT_FILE
from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo
from dvc.scm import SCMError
from dvc.stage import PipelineStage
from dvc.utils.serialize import load_yaml

from multipress.core.errors import UserError
from multipress.workflow.environment import NO_GIT, commit_of


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

    DVC reads dvc.yaml in a folder of its own, so that neither git, nor a lock, nor permission to write is needed.

    Raises:
        UserError: there is none, or dvc.yaml cannot be read.
    """
    if not Path(Repo.DVC_DIR).is_dir():
        raise UserError(f"{Path.cwd()} is in no DVC repository: run in a clone of multipress")
    with TemporaryDirectory() as folder:
        Path(folder, Repo.DVC_DIR).mkdir()
        for stage in _stages(Path(folder)):
            if f"{results}/models" in _outputs(stage, folder):
                return _study(stage, folder)
    raise UserError(f"dvc.yaml has no study whose results are in {results}: add it to the list in dvc.yaml")


def _stages(folder: Path) -> list[PipelineStage]:
    try:
        copyfile(PROJECT_FILE, folder / PROJECT_FILE)
        settings = {"core": {"no_scm": True, "site_cache_dir": str(folder / "site")}}
        with Repo(str(folder), config=settings) as repo:
            return [stage for stage in repo.index.stages if isinstance(stage, PipelineStage)]
    except (DvcException, OSError) as error:
        raise UserError(f"{PROJECT_FILE} cannot be read: {one_line(error)}") from None


def cache_folder() -> Path:
    """The folder of DVC's cache.

    Raises:
        UserError: DVC cannot work here.
    """
    try:
        with Repo() as repo:
            return Path(repo.cache.local.path)
    except Exception as error:
        raise UserError(f"DVC cannot work here: {_reason(error)}") from None


def _outputs(stage: PipelineStage, folder: str) -> dict[str, bool]:
    """Each output, and whether DVC keeps it."""
    return {_relative(out.fs_path, folder): out.use_cache for out in stage.outs}


def _relative(path: str, folder: str) -> str:
    return Path(os.path.relpath(path, Path(folder).resolve())).as_posix()


def _study(stage: PipelineStage, folder: str) -> DvcStage:
    outputs = _outputs(stage, folder)
    return DvcStage(
        stage=stage.name,
        command=stage.cmd,
        outs=list(outputs),
        cached=[path for path, cached in outputs.items() if cached],
        parameters=_relative(stage.deps[0].fs_path, folder),
        lock=Path(PROJECT_FILE).with_suffix(".lock"),
    )


def lock_entry(study: DvcStage) -> dict[str, Any] | None:
    """The study's entry in dvc.lock; None if there is none."""
    stages: dict[str, Any] = load_yaml(str(study.lock)).get("stages", {}) if study.lock.exists() else {}
    return stages.get(study.stage)


def parameters_of(study: DvcStage) -> dict[str, Any]:
    """The study's file of parameters, as DVC reads it: other than PyYAML it takes 5e-5 for a number."""
    parameters: dict[str, Any] = load_yaml(study.parameters)
    return parameters


def make_folders(study: DvcStage) -> None:
    """Make the folders that DVC keeps: it asks for all, and not every configuration makes all."""
    for path in study.cached:
        Path(path).mkdir(parents=True, exist_ok=True)


def commit(study: DvcStage) -> None:
    """Let DVC take the study's results as they are: copies into its cache, hashes into dvc.lock.

    Raises:
        UserError: DVC cannot, for example because another of its processes holds the lock, or there is no git.
    """
    try:
        _require_no_link(study)
        make_folders(study)
        with Repo() as repo:
            repo.commit(study.stage, force=True)
    except UserError:
        raise
    except Exception as error:  # whatever DVC and git cannot do, the run is made
        raise UserError(_reason(error)) from None


def _require_no_link(study: DvcStage) -> None:
    """No folder above an output may be a link.

    Raises:
        UserError: one is.
    """
    above = [parent for parent in Path(study.cached[0]).parents if parent.is_symlink()]
    for link in above:
        home = shlex.join(["rm", str(link)]) + " && " + shlex.join(["mv", str(link.resolve()), str(link)])
        raise UserError(
            f"{link} is a link to {link.resolve()}, and git and DVC keep nothing behind one: {home}, and let single "
            f"folders in there be links, such as {study.cached[0]}; or set storage.dvc to false"
        )


def _reason(error: Exception) -> str:
    """Why DVC could not, with what to do where that is known."""
    if isinstance(error, NotDvcRepoError):
        return f"{Path.cwd()} is in no DVC repository; run in a clone of multipress"
    problem = commit_of(Path.cwd()).problem if isinstance(error, SCMError) else ""
    if problem:
        begin = "; git init && git add --all && git commit --message Start" if problem == NO_GIT else ""
        return f"DVC needs git: {problem}{begin}"
    return one_line(error)


def one_line(error: Exception) -> str:
    """The message of an exception, and of its cause, in one line."""
    parts = [str(error) or type(error).__name__, *([str(error.__cause__)] if error.__cause__ else [])]
    return " ".join(" ".join(parts).split())
