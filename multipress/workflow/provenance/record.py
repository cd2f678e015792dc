"""The record of a finished run, ``results/audit.json``: for every file its bytes, for every job what made them."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing
from multipress.core.validation import explain

NAME = "audit.json"
"""Its name in the folder of results."""

_REMEDY = "record the run anew: snakemake … record --forcerun record, with its --configfile"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JobRecord(_Model):
    """What made some files."""

    name: str
    """Rule and wildcards: ``prune rte/tiny/seed1/ft-mp60``."""
    rule: str
    wildcards: dict[str, str]
    settings: dict[str, Any]
    """The part of the configuration that the result depends on."""
    code: str
    """Digest of the code; ``Record.modules`` says what it stands for."""
    inputs: list[str]
    outputs: list[str]
    seconds: float | None
    """From start to end; None where nobody took the time."""
    finished: str | None
    """When, in UTC."""
    commit: str | None
    """Of the code, when these bytes were first recorded."""


class Record(_Model):
    """A finished run."""

    format: Literal[1] = 1
    recorded: str
    """When, in UTC."""
    commit: str | None
    """None where the code is not under version control."""
    changed_files: list[str]
    """Tracked files that differed from the commit: empty means that the commit is all that was run."""
    software: dict[str, str]
    hardware: dict[str, str]
    """Of the machine that recorded; on a cluster, others may have trained."""
    configuration: dict[str, Any]
    """As merged from all files and the command line."""
    modules: dict[str, dict[str, str]]
    """For each digest of code: its files and their digests."""
    places: list[str]
    """Files and folders of the results that belong to the run; logs, benchmarks and states do not."""
    files: dict[str, str]
    """MD5, as DVC counts it, of each file at those places and of each source outside of the results."""
    jobs: list[JobRecord]

    @cached_property
    def makers(self) -> dict[str, JobRecord]:
        """The job that makes each file."""
        return {file: job for job in self.jobs for file in job.outputs}

    @property
    def results(self) -> str:
        """The folder of results."""
        return str(self.configuration["results"])


def write(path: Path, record: Record) -> None:
    """Write a record, an entry a line, so that a version control system shows which entries changed."""
    values = record.model_dump()
    with replacing(path) as temporary:
        body = ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in values.items())
        temporary.write_text(f"{{\n{body}\n}}\n", encoding="utf-8")


def _lines(value: Any) -> str:
    if isinstance(value, dict) and value:
        return "{\n" + ",\n".join(f" {json.dumps(key)}: {_compact(value[key])}" for key in sorted(value)) + "\n}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f" {_compact(entry)}" for entry in value) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(path: Path) -> Record:
    """Read a record.

    Raises:
        UserError: the file is missing or no record.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: there is no record of this run; {_REMEDY}")
    try:
        return Record.model_validate(read_json(path))
    except ValidationError as error:
        raise UserError(f"{explain(error, Record, str(path))}; {_REMEDY}") from None
