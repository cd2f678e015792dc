"""What a run was planned with: no job runs with anything else, whatever was edited or swapped meanwhile.

The process that plans writes it down when the run starts. A job holds against it the code that it has loaded and the
files from outside of the results that it reads; Snakemake on a node of a cluster, which reads rules and configuration
anew, holds those against it, too. No script's digest includes this module: it has no part in what is made.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from multipress.compression.registry import part_of
from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json

ROOT = Path(__file__).parents[3]
METHODS = "multipress/compression"
_AGAIN = "put it back or start the run again; what is finished stays"
_TRAINING = "multipress.training.loop"
"""A job that has loaded it is one that trains."""
BYTES_COMPARED = 1_000_000
"""Up to this size a file with another date may hold the same bytes; Snakemake, too, compares them."""

State = tuple[int, int, str]
"""Of a file: bytes, nanoseconds of its last change, and the digest of a small one."""


class Plan(NamedTuple):
    """What a run was planned with. Files of the repository are relative to it."""

    configuration: str
    """Digest of the merged configuration."""
    planners: dict[str, str]
    """Digests of the bytes of what plans: rules, and modules that they import."""
    codes: list[str]
    """Digests of the code of the jobs to run."""
    modules: dict[str, str]
    """Digests of the bytes of modules that jobs consist of."""
    data: dict[str, str]
    """Digests of the bytes of the tables that some of these modules read beside them."""
    sources: dict[str, State]
    """States of the input files outside of the results, by their paths as given."""


def planners() -> tuple[dict[str, str], dict[str, str]]:
    """Digests of the bytes of what plans, and of the tables beside the code; to be taken when it has been loaded."""
    rules = [ROOT / "Snakefile", *sorted(ROOT.glob("rules/*.smk"))]
    tables = sorted(ROOT.glob("multipress/**/*.csv"))
    return _bytes_digests([*rules, *_loaded(set())]), _bytes_digests(tables)


def planned(
    configuration: Mapping[str, Any],
    read: tuple[dict[str, str], dict[str, str]],
    codes: Iterable[str],
    modules: Mapping[str, str],
    sources: Iterable[str],
) -> Plan:
    """The plan of this process.

    Args:
        configuration: The merged configuration.
        read: What ``planners`` returned when planning began: digests of what plans, and of tables.
        codes: Digests of the code of the jobs to run.
        modules: Their modules and the digests of their bytes, as they were read for those digests.
        sources: Input files that no job of the run makes.
    """
    return Plan(
        configuration=_digest_of(configuration),
        planners=read[0],
        codes=sorted(set(codes)),
        modules=dict(modules),
        data=read[1],
        sources={path: state for path in sorted(set(sources)) if (state := _state(path))},
    )


def write(plan: Plan, path: Path) -> None:
    """Write a plan."""
    write_json(path, plan._asdict())


def read(path: Path) -> Plan:
    """Read a plan.

    Raises:
        UserError: it is missing or damaged.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: start the run again, without --no-hooks")
    try:
        return Plan(**read_json(path))
    except TypeError:
        raise UserError(f"{path} is no plan of a run: start the run again") from None


def check_planning(plan: Plan, configuration: Mapping[str, Any]) -> None:
    """Whether a process that plans one job anew plans by the same rules, code and configuration.

    Raises:
        UserError: it does not.
    """
    for file, digest in plan.planners.items():
        if _bytes_digest(ROOT / file) != digest:
            raise UserError(f"{file} is not what the run was planned with: {_AGAIN}")
    if _digest_of(configuration) != plan.configuration:
        raise UserError(f"the configuration is not what the run was planned with: {_AGAIN}")


class JobCheck:
    """Whether a job is as planned: made once its script has been imported, and asked again at its end."""

    def __init__(self, file: Path, code: str, arguments: Iterable[Any]) -> None:
        """Check the job's code, and what it is about to read.

        Args:
            file: The plan; records of codes lie beside it.
            code: The digest that was planned.
            arguments: Values of the job's command line; the paths among them are what it may read.

        Raises:
            UserError: something is not as planned.
        """
        self._plan = read(file)
        if code not in self._plan.codes:
            raise UserError(f"code {code} is not that of the run that {file} tells of: start the run again")
        self._meanings: dict[str, str] = read_json(file.parent / "code" / f"{code}.json")
        self._sources = self._sources_of(arguments)
        self._load_methods()
        self._loaded = set(sys.modules)
        self._check_modules(self._meanings)
        self._check_data()
        self._check_sources()

    def at_end(self) -> None:
        """Check what was loaded since the start, and what was read; where fresh interpreters were started, all code.

        Raises:
            UserError: something is not as planned.
        """
        late = {_relative(path) for path in _loaded(self._loaded)}
        loaded_anew = "multiprocessing.popen_spawn_posix" in sys.modules
        self._check_modules(file for file in self._meanings if loaded_anew or file in late)
        self._check_data()
        if _TRAINING not in sys.modules:  # it has read all of them long before
            self._check_sources()

    def _load_methods(self) -> None:
        """Import now what the job will import by name: an edit during a long training then concerns it no more."""
        for path in map(Path, self._meanings):
            if path.is_relative_to(METHODS) and path.stem in ("apply", "structure", "export"):
                part_of(path.parent.name, path.stem)

    def _check_modules(self, files: Iterable[str]) -> None:
        for file in files:
            if _bytes_digest(ROOT / file) != self._plan.modules.get(file) and self._means_something_else(file):
                raise UserError(f"{file} is not what the run was planned with: {_AGAIN}")

    def _means_something_else(self, file: str) -> bool:
        """Whether more than comments and layout differ."""
        from multipress.workflow.code.digest import meaning

        try:
            return meaning(ROOT / file) != self._meanings[file]
        except (OSError, SyntaxError, UnicodeDecodeError):
            return True

    def _check_data(self) -> None:
        """Tables lie in a folder beside the modules that read them."""
        folders = {Path(file).parent for file in self._meanings}
        for file, digest in self._plan.data.items():
            if Path(file).parents[1] in folders and _bytes_digest(ROOT / file) != digest:
                raise UserError(f"{file} is not what the run was planned with: {_AGAIN}")

    def _sources_of(self, arguments: Iterable[Any]) -> dict[str, State]:
        """The sources at or below the paths of a command line."""
        lists = (value if isinstance(value, list) else [value] for value in arguments)
        paths = {path for values in lists for path in values if isinstance(path, Path)}
        sources = self._plan.sources.items()
        return {file: state for file, state in sources if not paths.isdisjoint([Path(file), *Path(file).parents])}

    def _check_sources(self) -> None:
        for file, state in self._sources.items():
            if not _is_same(_state(file), state):
                raise UserError(f"{file} is not the file that the run was planned with: {_AGAIN}")


def _loaded(without: set[str]) -> list[Path]:
    """Files of this repository's modules that this process has imported, other than those."""
    names = sorted(set(sys.modules) - without)
    files = (getattr(sys.modules[name], "__file__", None) for name in names)
    paths = [Path(file) for file in files if file]
    return [path for path in paths if path.is_relative_to(ROOT / "multipress")]


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _bytes_digest(path: Path) -> str:
    """Digest of a file's bytes; none of a file that is gone."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def _bytes_digests(paths: Iterable[Path]) -> dict[str, str]:
    return {_relative(path): _bytes_digest(path) for path in paths}


def _digest_of(configuration: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()[:16]


def _state(path: str) -> State | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, _bytes_digest(Path(path)) if found.st_size <= BYTES_COMPARED else ""


def _is_same(now: State | None, planned: State) -> bool:
    """Whether a file is the planned one: by size and date, or, if it is small, by its bytes."""
    return now is not None and (now[:2] == tuple(planned[:2]) or (bool(now[2]) and now[2] == planned[2]))
