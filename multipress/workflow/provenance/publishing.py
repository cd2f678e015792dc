"""Collect what is published of a finished run, from its record and the files that it names."""

import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from multipress.analysis.predictions.published import publish_predictions
from multipress.core.errors import UserError
from multipress.core.files import replacing, write_json
from multipress.evaluation.training_histories import publish_histories
from multipress.workflow.provenance.hashes import md5s
from multipress.workflow.provenance.record import NAME, Record, read
from multipress.workflow.publication import CONFIGURATION, ENVIRONMENT, METRICS, RECORD, SETTINGS
from multipress.workflow.results_folder import command_for

_OF_THE_MACHINE = {"unversioned", "commit_problem"}
"""What a record says of the place where it was made."""


def collect(results: Path, folder: Path) -> None:
    """Write all that is published of a run into a folder.

    Raises:
        UserError: the run has no record, a file of it is missing or has changed since, or one cannot be written.
    """
    run = _Run(results, read(results / NAME))
    predictions, histories = (run.files(run.inputs(rule)) for rule in ("compare_predictions", "plot_training"))
    for file in run.files(run.tables):
        with replacing(folder / file.relative_to(results)) as temporary:
            shutil.copyfile(file, temporary)
    publish_predictions(predictions, folder)
    publish_histories(histories, folder)
    _write_record(portable(run.record), folder)


@dataclass(frozen=True)
class _Run:
    """A finished run, wherever its folder of results lies now."""

    results: Path
    record: Record

    def inputs(self, rule: str) -> list[str]:
        """The inputs of a rule that has one job, as the record names them."""
        job = next((job for job in self.record.jobs if job.rule == rule), None)
        if job is None:
            raise UserError(f"{self.results / NAME} names no job {rule}: the run is of another time; {self._remedy}")
        return job.inputs

    @property
    def tables(self) -> list[str]:
        """All tables and the metrics, as the record names them."""
        made = (file for job in self.record.jobs for file in job.outputs)
        return [file for file in made if (below := self._below(file)).parts[0] == "tables" or below == Path(METRICS)]

    def files(self, names: Iterable[str]) -> list[Path]:
        """Where recorded files lie, which must have the recorded bytes.

        Raises:
            UserError: one is missing or has others.
        """
        files = {str(self.results / self._below(name)): name for name in names}
        if missing := next((file for file in files if not Path(file).is_file()), None):
            raise UserError(f"{missing} is missing: the run is not finished; {self._remedy}")
        for file, md5 in md5s(files).items():
            if self.record.files.get(files[file]) != md5:
                raise UserError(f"{file} is not that of the recorded run, {self.results / NAME}; {self._remedy}")
        return list(map(Path, files))

    def _below(self, name: str) -> Path:
        return Path(name).relative_to(self.record.results)

    @property
    def _remedy(self) -> str:
        return f"finish it: {command_for(self.results, [NAME]) or 'snakemake all, with its configuration'}"


def portable(record: Record) -> dict[str, Any]:
    """The values of a record without the machine's folders: absolute paths begin with the name of a configured one."""
    values = record.model_dump(exclude=_OF_THE_MACHINE)
    folders = sorted(filter(_is_absolute, _texts(values["configuration"])), key=len, reverse=True)
    found: dict[str, Any] = _shortened(values, _short_names([Path(folder) for folder in folders]))
    return found


def _short_names(folders: Iterable[Path]) -> dict[Path, Path]:
    """What stands for each folder: its name, after those of folders above where another has the same."""
    names: dict[Path, Path] = {}
    for folder in dict.fromkeys(folders):
        parts = folder.parts[1:]
        short = (Path(*parts[-count:]) for count in range(1, len(parts) + 1))
        names[folder] = next((name for name in short if name not in names.values()), folder)
    return names


def _is_absolute(text: str) -> bool:
    return text.startswith("/") and Path(text).name != ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, str):
        yield value
    if not isinstance(value, str) and isinstance(value, Iterable):
        for part in value:
            yield from _texts(part)


def _shortened(value: Any, names: dict[Path, Path]) -> Any:
    if isinstance(value, dict):
        return {_shortened(key, names): _shortened(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part, names) for part in value]
    if isinstance(value, str) and _is_absolute(value):
        path = Path(value)
        folder = next((folder for folder in names if path.is_relative_to(folder)), path)
        return (names.get(folder, Path(path.name)) / path.relative_to(folder)).as_posix()
    return value


def _makes_shown(job: dict[str, Any]) -> bool:
    """Whether a job makes a table, the metrics or a figure."""
    made = Path(job["outputs"][0])
    return not job["wildcards"] and (made.name == METRICS or made.parent.name in ("tables", "figures"))


def _write_record(record: dict[str, Any], folder: Path) -> None:
    names = ("recorded", "commit", "changed_files", "software", "hardware")
    write_json(folder / ENVIRONMENT, {name: record[name] for name in names})
    of_all = [job for job in record["jobs"] if _makes_shown(job)]
    write_json(folder / SETTINGS, {job["rule"]: job["settings"] for job in of_all})
    with replacing(folder / CONFIGURATION) as temporary:
        temporary.write_text(yaml.safe_dump(record["configuration"], allow_unicode=True), encoding="utf-8")
    with replacing(folder / RECORD) as temporary:
        text = json.dumps(record, indent=1, ensure_ascii=False)
        temporary.write_bytes(gzip.compress(f"{text}\n".encode(), mtime=0))
