"""The bytes on the disk against the record, and the record against dvc.lock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from multipress.workflow.pasted_commands import record as record_command
from multipress.workflow.provenance.findings import Check, Difference
from multipress.workflow.provenance.hashes import dvc_md5, files_below, md5s
from multipress.workflow.provenance.record import NAME, Record
from multipress.workflow.provenance.settings import differing, within
from multipress.workflow.provenance.versioning import DvcStage, parameters_of
from multipress.workflow.study_settings import with_present_names

_MISSING = "no file"


def check_files(record: Record) -> Check:
    """Whether each recorded file has its bytes, and whether no other file lies beside them."""
    differences = list(_differing_files(record))
    return Check("files", f"{len(record.files)} files have the recorded bytes", differences)


def _differing_files(record: Record) -> Iterator[Difference]:
    found = md5s(file for file in record.files if Path(file).is_file())
    for file, md5 in record.files.items():
        if found.get(file) != md5:
            yield Difference(file, f"md5 {md5}", f"md5 {found[file]}" if file in found else _MISSING)
    for path in record.paths:
        for file in files_below(path):
            if file not in record.files:
                yield Difference(file, _MISSING, "a file that no record names")


def check_lock(record: Record, study: DvcStage, entry: dict[str, Any] | None) -> Check:
    """Whether dvc.lock agrees with the record in each output and parameter."""
    name = study.lock.name
    if entry is None:
        remedy = record_command([Path(study.parameters)])
        return Check(name, "", [], f"{name} has no entry for {study.stage}; record the run: {remedy}")
    differences = [
        *_differing_outs(record, study, entry),
        *_differing_parameters(record, study, entry),
        *_differing(f"{name}: {study.stage}: cmd", study.command, entry.get("cmd")),
    ]
    return Check(name, f"{len(study.outs)} outputs and their parameters are as recorded", differences)


def _differing_outs(record: Record, study: DvcStage, entry: dict[str, Any]) -> Iterator[Difference]:
    locked = {out["path"]: out for out in entry.get("outs", [])}
    files = record.files | md5s(file for file in [f"{record.results}/{NAME}"] if Path(file).is_file())
    for path in study.outs:
        entry_of_path = locked.get(path, {})
        for key, value in _expected_entry(path, files).items():
            yield from _differing(f"{study.lock.name}: {path}: {key}", value, entry_of_path.get(key, "no entry"))
    for path in locked.keys() - set(study.outs):
        yield Difference(f"{study.lock.name}: {path}", "no entry", "an output that dvc.yaml does not name")


def _expected_entry(path: str, files: dict[str, str]) -> dict[str, Any]:
    """The right entry of an output in dvc.lock; without size where a file is missing, which is another difference."""
    inside = [file for file in files if file.startswith(f"{path}/") or file == path]
    count = {} if path in files else {"nfiles": len(inside)}
    known = all(Path(file).is_file() for file in inside)
    size = {"size": sum(Path(file).stat().st_size for file in inside)} if known else {}
    return {"hash": "md5", "md5": dvc_md5(path, files), **size, **count}


def _differing_parameters(record: Record, study: DvcStage, entry: dict[str, Any]) -> Iterator[Difference]:
    locked = _present(entry.get("params", {}).get(study.parameters, {}))
    expected = within(record.configuration, _present(parameters_of(study)))
    for key, value, found in differing(expected, locked):
        yield Difference(f"{study.lock.name}: params: {key}", value, found)


def _present(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a file under the names that the record has."""
    study = parameters.get("study")
    return parameters | {"study": with_present_names(study)} if isinstance(study, dict) else parameters


def _differing(location: str, expected: Any, found: Any) -> Iterator[Difference]:
    if expected != found:
        yield Difference(location, str(expected), str(found))
