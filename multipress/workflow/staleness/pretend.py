"""A finished run without the work, to plan in: for tests and measurements of planning."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from multipress.workflow.environment import ROOT
from multipress.workflow.staleness.dry_run import dry_run


def pretend_finished(folder: Path, configfiles: Sequence[Path] = (), config: Mapping[str, Any] | None = None) -> None:
    """Make an empty file for each output of a configuration, and let Snakemake take them as made just so."""
    with dry_run(["all"], configfiles, config, folder) as dag:
        outputs = [folder / file for job in dag.needrun_jobs() for file in job.output]
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch()
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "all",
        "--touch",
        "--forceall",
        "--no-hooks",
        "--quiet",
        "all",
        "--cores",
        "1",
    ]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    if configfiles:
        command += ["--configfile", *map(str, configfiles)]
    if config:
        command += ["--config", *[f"{key}={value!r}" for key, value in config.items()]]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
