"""Record the finished run: results/audit.json says what made each file, and DVC takes the bytes.

Run by dvc repro, it leaves the second part to DVC.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import yaml

from multipress.errors import UserError
from multipress.files import read_json
from provenance.record import Record, read, write
from provenance.recording import compose
from provenance.versioning import Study, commit, study_of
from staleness.dry_run import dry_run
from workflow_scripts._command import add_paths, run_command


def main(arguments: argparse.Namespace) -> None:
    """Write the record, keep a copy beside the logs, and hand the bytes to DVC."""
    configuration = read_json(arguments.configuration)
    with dry_run(config=configuration) as dag:
        record = compose(dag, configuration, _previous(arguments.kept))
    write(arguments.output, record)
    write(arguments.kept, record)
    print(f"{len(record.files)} files of {len(record.jobs)} jobs recorded")
    _hand_to_dvc(record)


def _previous(copy: Path) -> Record | None:
    """The last record of these results, if there is one that can be read."""
    try:
        return read(copy)
    except UserError:
        return None


def _hand_to_dvc(record: Record) -> None:
    try:
        study = study_of(record.results)
    except UserError as error:
        print(f"not recorded with DVC: {error}")
        return
    for place in study.cached:
        Path(place).mkdir(parents=True, exist_ok=True)  # DVC asks for all, and not every configuration makes all
    if "DVC_STAGE" in os.environ:
        print("DVC itself records what it runs")
    elif other := _of_the_command_line(record, study):
        print(f"not recorded with DVC: {other} is not as {study.parameters} says; write it there and run again")
    else:
        commit(study)
        print(f"DVC recorded {study.stage}")


def _of_the_command_line(record: Record, study: Study) -> str:
    """A key that the study's file has another value for; where a job computes is no part of its result."""
    said = yaml.safe_load(Path(study.parameters).read_text(encoding="utf-8"))
    differing = _differing(said, record.configuration)
    return next((key for key in differing if not key.startswith("runtime")), "")


def _differing(said: dict[str, Any], used: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key, value in said.items():
        if isinstance(value, dict) and isinstance(used.get(key), dict):
            found += _differing(value, used[key], f"{prefix}{key}.")
        elif used.get(key) != value:
            found.append(f"{prefix}{key}")
    return found


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    add_paths(
        arguments,
        configuration="JSON file of the merged configuration",
        output="the record",
        kept="where a copy of it lies, which Snakemake does not delete before the next one",
    )
    run_command(main, arguments)
