"""Restore a recorded run in a fresh clone: pull its files, check them, and let Snakemake record how they were made.

An interrupted call may be repeated. Nothing counts as made whose bytes, settings or code are not those of the record.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from multipress.commands.study_arguments import add_configfile
from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.workflow.provenance.check_files import check_files
from multipress.workflow.provenance.check_made import check_code, check_settings
from multipress.workflow.provenance.findings import Check
from multipress.workflow.provenance.graph import results_of
from multipress.workflow.provenance.record import NAME, read
from multipress.workflow.provenance.versioning import study_of
from multipress.workflow.snakemake_api import mark_as_made, plan
from multipress.workflow.staleness.reasons import stale_jobs

EXAMPLE = """
multipress restore                                  # the paper
multipress restore --configfile config/demo.yaml    # the demo
"""


def main(arguments: argparse.Namespace) -> None:
    """Check what git has, pull, check that, adopt."""
    with plan(arguments.configfile, {}) as graph:
        file = Path(results_of(graph), NAME)
        record, study = read(file), study_of(results_of(graph))
        remedy = f"restore where both are as recorded (git log --oneline -- {file}), and change them afterwards"
        _require_passed(check_settings(record, graph), remedy)
        _require_passed(check_code(record, graph), remedy)
    _pull(study.stage, arguments.remote)
    _require_passed(check_files(record), "repeat this command; move away what is of your own making")
    _adopt(arguments.configfile)
    kept = Path(record.results, "logs", NAME)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept) as temporary:
        shutil.copyfile(file, temporary)  # the next record takes times and commits from it
    with plan(arguments.configfile, {}) as graph:
        if stale := stale_jobs(graph):
            raise UserError(f"{len(stale)} jobs are still stale, first {stale[0].name}: {stale[0].reasons[0]}")
    print(f"{len(record.files)} files restored; nothing to be done")


def _pull(stage: str, remote: str | None) -> None:
    command = [sys.executable, "-m", "dvc", "pull", stage, *(["--remote", remote] if remote else [])]
    if subprocess.run(command, check=False).returncode:
        raise UserError(f"dvc pull {stage} did not complete (see above); fix that and repeat this command")


def _require_passed(check: Check, remedy: str) -> None:
    if check.differences:
        others = f" ({len(check.differences)} differences in all)" if len(check.differences) > 1 else ""
        raise UserError(f"{check.differences[0]}{others}; {remedy}")


def _adopt(configfiles: list[Path]) -> None:
    """Write Snakemake's records of how the files were made; whatever is not to be kept stays, for now."""
    done = mark_as_made(configfiles, flags=["--notemp"])
    if done.returncode:
        raise UserError(f"Snakemake could not adopt the files: {' '.join(done.stderr.split())[-500:]}")


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_configfile(result)
    result.add_argument("--remote", help="as dvc pull's; default: DVC's default remote")
