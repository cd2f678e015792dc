"""The record of a finished run, ``results/audit.json``: for every file its bytes, for every job what made them."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing
from multipress.core.validation import explain
from multipress.workflow.pasted_commands import record as record_command

NAME = "audit.json"
"""Its name in the folder of results."""

_REMEDY = f"record the run anew: {record_command([])}, with --configfile if it was made with one"


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
    """Digest of the code; ``Record.modules`` has its files."""
    inputs: list[str]
    outputs: list[str]
    seconds: float | None
    """Duration; None where Snakemake has no record of it."""
    finished: str | None
    """Time of the end, in UTC."""
    commit: str | None
    """Commit of the code, when these bytes were first recorded."""


class Record(_Model):
    """A finished run."""

    format: Literal[2] = 2
    recorded: str
    """Time of the record, in UTC."""
    commit: str | None
    """Commit of the code; None where there is none, or git could not say."""
    commit_problem: str = ""
    """Why it is None."""
    unversioned: str = ""
    """Why DVC has not taken the bytes; empty if it has."""
    changed_files: list[str]
    """Files that differed from the commit, and code that git does not track: without any, the commit is all that was
    run."""
    software: dict[str, str]
    hardware: dict[str, str]
    """The machine that recorded; on a cluster, others may have trained."""
    configuration: dict[str, Any]
    """The configuration as merged from all files and the command line."""
    modules: dict[str, dict[str, str]]
    """For each digest of code: its files and their digests."""
    paths: list[str]
    """Files and folders of the results that belong to the run; logs, benchmarks and states do not."""
    files: dict[str, str]
    """MD5, as DVC counts it, of each file at those paths and of each source outside of the results."""
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
    """Write a record, a value a line, so that a version control system shows what changed."""
    with replacing(path) as temporary:
        text = json.dumps(record.model_dump(), indent=1, ensure_ascii=False)
        temporary.write_text(f"{text}\n", encoding="utf-8")


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
