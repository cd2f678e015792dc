"""Restore a recorded run in a fresh clone: pull its files, check them, and let Snakemake take them as made just so.

python -m workflow_scripts.restore                                  the paper
python -m workflow_scripts.restore --configfile config/demo.yaml    the demo

An interrupted call may be repeated. Nothing counts as made whose bytes, settings or code are not those of the record.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from multipress.errors import UserError
from provenance.check_files import check_files
from provenance.check_made import check_code, check_settings
from provenance.findings import Check
from provenance.graph import plan, results_of
from provenance.record import NAME, read
from provenance.versioning import study_of
from staleness.reasons import stale_jobs
from workflow_scripts._command import run_command


def main(arguments: argparse.Namespace) -> None:
    """Pull, check, adopt."""
    with plan(arguments.configfile, {}) as dag:
        results = results_of(dag)
    _pull(study_of(results).stage, arguments.remote)
    record = read(Path(results, NAME))
    with plan(arguments.configfile, {}) as dag:
        _hold(check_files(record), "repeat this command, or where a file is of your own making, move it away")
        remedy = f"restore at commit {record.commit}, with its configuration, and change them afterwards"
        _hold(check_settings(record, dag), remedy)
        _hold(check_code(record, dag), remedy)
    _adopt(arguments.configfile)
    kept = Path(results, "logs", NAME)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(results, NAME), kept)  # the next record takes times and commits from it
    with plan(arguments.configfile, {}) as dag:
        if stale := stale_jobs(dag):
            raise UserError(f"{len(stale)} jobs are still stale, first {stale[0].name}: {stale[0].reasons[0]}")
    print(f"{len(record.files)} files restored; nothing to be done")


def _pull(stage: str, remote: str | None) -> None:
    command = [sys.executable, "-m", "dvc", "pull", stage, *(["--remote", remote] if remote else [])]
    if subprocess.run(command, check=False).returncode:
        raise UserError(f"dvc pull {stage} did not complete (see above); mend that and repeat this command")


def _hold(check: Check, remedy: str) -> None:
    if check.differences:
        others = f" ({len(check.differences)} differences in all)" if len(check.differences) > 1 else ""
        raise UserError(f"{check.differences[0]}{others}; {remedy}")


def _adopt(configfiles: list[Path]) -> None:
    """Write Snakemake's records of how the files were made."""
    command = [sys.executable, "-m", "snakemake", "all", "--touch", "--forceall", "--cores", "1", "--quiet", "all"]
    command += ["--configfile", *map(str, configfiles)] if configfiles else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"Snakemake could not adopt the files: {' '.join(done.stderr.split())[-500:]}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="as Snakemake's")
    arguments.add_argument("--remote", help="as dvc pull's; default: DVC's default remote")
    run_command(main, arguments)
