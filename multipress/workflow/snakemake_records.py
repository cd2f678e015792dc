"""Snakemake's records of how files were made, where they may only be looked at: dry runs need to write nothing."""

import errno
import os
import shlex
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import snakemake.api  # before its parts, which import each other
import snakemake.workflow
from snakemake.jobs import Job
from snakemake.persistence.file import FilePersistence
from snakemake_interface_executor_plugins.settings import SharedFSUsage

NOT_IN_HOME = SharedFSUsage.all() - {SharedFSUsage.SOURCE_CACHE}
"""What Snakemake keeps where all machines see it: but for its cache, which would lie in HOME."""

_check_to_write = Job.check_protected_output


def let_dry_runs_look_on() -> None:
    """Let Snakemake plan in a folder that may not be written, or whose records are another user's."""
    snakemake.workflow.FilePersistence = _opened
    Job.check_protected_output = _check_protected_output


def unreadable(persistence: Any) -> str:
    """Why not all records could be read, with the remedy; empty if they could."""
    found: Path | None = getattr(persistence, "unreadable", None)
    if found is None:
        return ""
    remedy = shlex.join(["chmod", "-R", "a+rX", str(found)])
    return f"Snakemake's records in {found} cannot be read: who made the run must allow it, {remedy}"


async def _check_protected_output(job: Job) -> None:
    if not job.dag.workflow.dryrun:
        await _check_to_write(job)


def _opened(**options: Any) -> FilePersistence:
    """What Snakemake opens: a dry run gets records that it need not write."""
    if not options["dag"].workflow.dryrun:
        return _opened_to_write(options)
    try:
        records = _Records(**options)
        Path(records._iocache_filename).open("ab").close()
    except OSError:
        return _RecordsToRead(**options)
    return records


def _opened_to_write(options: dict[str, Any]) -> FilePersistence:
    try:
        records = FilePersistence(**options)
        folder = Path(records._iocache_filename).parent
        if not os.access(folder, os.W_OK):  # where it exists, Snakemake finds out later
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return records
    except OSError as error:
        reason = f"{error.filename} cannot be written ({error.strerror})"
        sys.exit(f"multipress: error: {reason}: run in a folder of your own, or only look: --dry-run")


class _Records(FilePersistence):
    """Records some of which may be another user's."""

    unreadable: Path | None = None
    """Their folder, if any cannot be read."""

    def _io_read(self, subject: str, id: str) -> Any:
        try:
            return super()._io_read(subject, id)
        except PermissionError:
            if self.unreadable is None:
                self.unreadable = Path(subject)
                print(
                    f"multipress: {unreadable(self)}; until then no changed setting or code is noticed", file=sys.stderr
                )
            return {}


class _RecordsToRead(_Records):
    """Records of the working directory; whatever is written goes into a folder of its own."""

    def __init__(self, **options: Any) -> None:
        self._folder = TemporaryDirectory(prefix="snakemake")
        super().__init__(**options | {"path": Path(self._folder.name)})
        records = Path(".snakemake").absolute()
        if (records / "metadata").is_dir():
            self._metadata_path = str(records / "metadata")
        if (records / "incomplete").is_dir():
            self._incomplete_path = str(records / "incomplete")
