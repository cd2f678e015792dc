"""Snakemake's own verdict on what is stale, as objects."""

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from snakemake.api import SnakemakeApi
from snakemake.dag import DAG
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

from multipress.workflow.environment import ROOT

TRIGGERS = frozenset({RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.INPUT, RerunTrigger.CODE})
"""All but the software's environment: in a container or out of it, the versions are those of requirements.lock."""


@contextlib.contextmanager
def dry_run(
    targets: Sequence[str] = ("all",),
    configfiles: Sequence[Path] = (),
    config: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    root: Path = ROOT,
) -> Iterator[DAG]:
    """The graph with Snakemake's marks on the jobs that would run.

    Args:
        targets: rules or files.
        configfiles: as Snakemake's ``--configfile``.
        config: as Snakemake's ``--config``; mappings are merged into the configuration.
        folder: working directory; the current one by default.
        root: the repository whose Snakefile is used.

    Raises:
        SystemExit: the configuration is wrong; its message says where.
    """
    # Quiet in just this way, Snakemake stops once it has counted the jobs and does not go through them.
    output = OutputSettings(dryrun=True, quiet={Quietness.RULES, Quietness.PROGRESS})
    settings = ConfigSettings(config=dict(config or {}), configfiles=[Path(file) for file in configfiles])
    with contextlib.redirect_stderr(io.StringIO()), SnakemakeApi(output) as api:
        workflow = api.workflow(ResourceSettings(cores=1), settings, snakefile=root / "Snakefile", workdir=folder)
        # Files of an interrupted job count as stale; without this word they would be an error.
        dag = DAGSettings(targets=set(targets), force_incomplete=True, rerun_triggers=TRIGGERS)
        workflow.dag(dag).execute_workflow(executor="dryrun")
        yield workflow._workflow.dag
