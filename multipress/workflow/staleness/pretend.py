"""A finished run without the work, to plan in: for tests and measurements of planning."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from multipress.workflow.snakemake_api import dry_run, mark_as_made


def pretend_finished(folder: Path, configfiles: Sequence[Path] = (), config: Mapping[str, Any] | None = None) -> None:
    """Make an empty file for each output of a configuration, and let Snakemake record them as made by it."""
    with dry_run(["all"], configfiles, config, folder) as graph:
        outputs = [folder / file for job in graph.jobs() if job.is_stale for file in job.outputs]
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch()
    mark_as_made(configfiles, config, folder, ["--no-hooks"]).check_returncode()
