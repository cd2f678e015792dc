"""Record the finished run: results/audit.json says what made each file, and DVC takes the bytes.

Run by dvc repro, it leaves the second part to DVC.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import yaml

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.workflow.load import load_files
from multipress.workflow.pasted_commands import record as record_command
from multipress.workflow.provenance.record import Record, read, write
from multipress.workflow.provenance.recording import compose
from multipress.workflow.provenance.settings import differing
from multipress.workflow.provenance.versioning import DvcStage, commit, make_folders, study_of
from multipress.workflow.snakemake_api import dry_run
from workflow_scripts._command import add_code, add_paths, run_command


def main(arguments: argparse.Namespace) -> None:
    """Write the record, keep a copy beside the logs, and hand the bytes to DVC."""
    configuration = read_json(arguments.configuration)
    study, obstacle = _study(configuration)
    with dry_run(config=configuration) as graph:
        paths = study.outs if study else []
        record = compose(graph, configuration, _previous(arguments.kept), paths, arguments.threads)
    _write(record, arguments)
    print(f"{len(record.files)} files of {len(record.jobs)} jobs recorded")
    if study:
        obstacle = _commit_to_dvc(record, study)
    if obstacle:
        _write(record.model_copy(update={"unversioned": obstacle}), arguments)
        print(f"not recorded with DVC: {obstacle}")
    elif "DVC_STAGE" in os.environ:
        print("DVC itself records what it runs")
    elif study:
        print(f"DVC recorded {study.stage}")


def _write(record: Record, arguments: argparse.Namespace) -> None:
    write(arguments.output, record)
    write(arguments.kept, record)


def _study(configuration: dict[str, Any]) -> tuple[DvcStage | None, str]:
    """The study as DVC knows it, or why it does not."""
    if not configuration.get("storage", {}).get("dvc", True):
        return None, "storage.dvc is false"
    try:
        return study_of(configuration["results"]), ""
    except UserError as error:
        return None, str(error)


def _previous(copy: Path) -> Record | None:
    """The last record of these results, if there is one that can be read."""
    try:
        return read(copy)
    except UserError:
        return None


def _commit_to_dvc(record: Record, study: DvcStage) -> str:
    """Let DVC take the bytes; why it has not, empty if it has or will."""
    if "DVC_STAGE" in os.environ:
        make_folders(study)
        return ""
    try:
        if other := next(differing(_parameters(study), record.configuration), None):
            return f"{other[0]} is not as {study.parameters} says; write it there and run again"
        commit(study)
    except (UserError, OSError, yaml.YAMLError) as error:
        return f"{error}; once that is mended: {record_command([Path(study.parameters)])}"
    return ""


def _parameters(study: DvcStage) -> dict[str, Any]:
    """The configuration of the study's file and config.yaml, without the command line."""
    return load_files([Path(study.parameters)]).model_dump(mode="json", exclude_unset=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    add_paths(
        arguments,
        configuration="JSON file of the merged configuration",
        output="the record",
        kept="where a copy of it lies, which Snakemake does not delete before the next one",
    )
    add_code(arguments)
    arguments.add_argument("--threads", type=int, required=True, help="threads that read files at the same time")
    run_command(main, arguments)
