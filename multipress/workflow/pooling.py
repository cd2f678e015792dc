"""Published runs of one study whose tasks or seeds were trained apart, on several machines or days, as one.

The runs' configurations must be the same but for ``study.tasks`` and ``study.seeds``, and no model may be in two of
them. Of the pooled run's files, ``environment.json`` and ``audit.json.gz`` list those of the runs, in their order.
"""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from multipress.analysis.predictions.published import publish_predictions
from multipress.compression.recipes import Variants
from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing, write_json
from multipress.core.table import Table
from multipress.evaluation.results_table import in_order
from multipress.evaluation.tables import EXITS, FLOORS, LATENCY
from multipress.evaluation.training_histories import pool_histories
from multipress.workflow import configuration_files
from multipress.workflow.configuration import merged
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load_files
from multipress.workflow.publication import CONFIGURATION, ENVIRONMENT, RECORD, SETTINGS, Publication
from multipress.workflow.rule_settings import settings_json

_APART = ("tasks", "seeds")
"""Keys of ``study`` in which the runs may differ."""

_OF_MODELS = (LATENCY, EXITS)
"""Tables with rows of models, beside results.csv."""

_POOLED = ("latency", "exits", "floors")
"""Parts of a report whose tables say nothing of two models together."""


def pool(runs: Sequence[Publication], folder: Path) -> None:
    """Write what several published runs hold as one published run; its further tables are yet to be made.

    Raises:
        UserError: the runs are of different studies, have a model in common, lack a file, or hold what cannot be
            pooled; or a file cannot be written.
    """
    _check_tables(runs)
    configuration = _pooled_configuration(runs)
    with replacing(folder / CONFIGURATION) as temporary:
        temporary.write_text(yaml.safe_dump(configuration, allow_unicode=True), encoding="utf-8")
    settings = _settings(runs, folder / CONFIGURATION)
    write_json(folder / SETTINGS, settings)
    order = _order(runs, settings.get("tabulate", {}).get("variants", {}))
    target = Publication(folder)
    _pool_table([run.results for run in runs], target.results, order)
    for table in _OF_MODELS:
        _pool_table(_files(runs, table), target.tables / table.file, order)
    _pool_floors(_files(runs, FLOORS), target.tables / FLOORS.file)
    publish_predictions([file for run in runs for file in run.predictions], folder)
    pool_histories([run.histories for run in runs], folder)
    environments = [read_json(run.folder / ENVIRONMENT) for run in runs]
    write_json(folder / ENVIRONMENT, {"runs": list(_of_each(environments))})
    _pool_records(runs, folder / RECORD)


def _files(runs: Sequence[Publication], table: Table) -> list[Path]:
    """Those of a table, where there are any."""
    return [file for run in runs if (file := run.tables / table.file).exists()]


def _check_tables(runs: Sequence[Publication]) -> None:
    """Refuse tables that compare models with each other, which the models alone would give anew."""
    for run in runs:
        if found := [part for part in run.parts if part not in _POOLED]:
            raise UserError(
                f"{run.measured(found[0])[0]} cannot be pooled, for it follows from models that are not published: "
                "pool runs without dissection.recipes and probing.recipes"
            )


def _pooled_configuration(runs: Sequence[Publication]) -> dict[str, Any]:
    """That of the first run, with the tasks and seeds of all."""
    first, *others = (_configuration(run) for run in runs)
    result = first | {"study": dict(first["study"])}
    for run, other in zip(runs[1:], others, strict=True):
        if difference := next(_differences(_alike(first), _alike(other)), None):
            raise UserError(
                f"{run.folder / CONFIGURATION} has another {difference} than {runs[0].folder / CONFIGURATION}: pool "
                "runs that differ in study.tasks and study.seeds alone"
            )
        for key in _APART:
            result["study"][key] = list(dict.fromkeys([*result["study"][key], *other["study"][key]]))
    return result


def _configuration(run: Publication) -> dict[str, Any]:
    """As the run had it; keys that its code did not know yet are those of ``config.yaml``, which change no model."""
    file = run.folder / CONFIGURATION
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        values = None
    if not (isinstance(values, dict) and isinstance(values.get("study"), dict)):
        raise UserError(f"{file} is missing or damaged: restore it or publish the run again")
    return merged(configuration_files.values_of(ROOT / "config.yaml"), values)


def _alike(configuration: dict[str, Any]) -> dict[str, Any]:
    """What must be the same in all runs; where results lie does not matter."""
    study = {key: value for key, value in configuration["study"].items() if key not in _APART}
    return {key: value for key, value in configuration.items() if key != "results"} | {"study": study}


def _differences(values: Any, others: Any, at: str = "") -> Iterator[str]:
    """Dotted names of what differs."""
    if isinstance(values, dict) and isinstance(others, dict):
        for key in sorted(values.keys() | others.keys(), key=str):
            yield from _differences(values.get(key), others.get(key), f"{at}.{key}".lstrip("."))
    elif values != others:
        yield at


def _settings(runs: Sequence[Publication], configuration: Path) -> dict[str, Any]:
    """Settings of the rules that the runs had, as the pooled configuration gives them."""
    config = load_files([configuration])
    rules = dict.fromkeys(rule for run in runs for rule in read_json(run.folder / SETTINGS))
    return {rule: json.loads(settings_json(rule, config, {})) for rule in rules}


@dataclass(frozen=True)
class _Model:
    """A row of results.csv, as far as the order of rows goes."""

    task: str
    arch: str
    recipe: str
    seed: int
    parameters: int
    run: Path


_MODEL = ("task", "arch", "recipe", "seed")

_Key = tuple[str, str, str, str]
"""Cells of task, architecture, recipe and seed."""


def _order(runs: Sequence[Publication], variants: Variants) -> dict[_Key, int]:
    """The place of each model among all.

    Raises:
        UserError: a model is in two runs.
    """
    models: dict[_Key, _Model] = {}
    for run in runs:
        for row in _rows(run.results, (*_MODEL, "parameters")):
            key = _key(row)
            if key in models:
                task, arch, recipe, seed = key
                raise UserError(
                    f"{task}/{arch}/seed{seed}/{recipe} is in {models[key].run} and in {run.folder}: pool runs of "
                    "different tasks or seeds"
                )
            models[key] = _Model(*key[:3], int(key[3]), int(row["parameters"]), run.folder)
    ordered = in_order(models.values(), variants)
    return {(model.task, model.arch, model.recipe, str(model.seed)): place for place, model in enumerate(ordered)}


def _rows(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The cells of a table that must have these columns, as they are written."""
    try:
        table = csv_tables.load(file, columns, dtype=str)
    except csv_tables.TableError as error:
        raise UserError(f"{file} {error.problem}: restore it or publish the run again") from None
    rows: list[dict[str, str]] = table.to_dict("records")
    return rows


def _key(row: dict[str, str]) -> _Key:
    return row["task"], row["arch"], row["recipe"], row["seed"]


def _pool_table(files: Sequence[Path], target: Path, order: dict[_Key, int]) -> None:
    """Write the rows of all tables in the order of their models, each number in its own digits."""
    rows = []
    for file in files:
        rows += (of_file := _rows(file, _MODEL))
        if other := next((key for key in map(_key, of_file) if key not in order), None):
            task, arch, recipe, seed = other
            raise UserError(
                f"{file} has {task}/{arch}/seed{seed}/{recipe}, which results.csv has not: publish the run again"
            )
    _write_rows(sorted(rows, key=lambda row: order[_key(row)]), target)


def _pool_floors(files: Sequence[Path], target: Path) -> None:
    """Write the rows of all tables; seeds share a task's, of which only the times differ."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for file in files:
        for row in _rows(file, FLOORS.columns):
            rows.setdefault((row["task"], row["model"]), row)
    _write_rows(list(rows.values()), target)


def _write_rows(rows: Sequence[dict[str, str]], target: Path) -> None:
    if not rows:
        return
    columns = dict.fromkeys(name for row in rows for name in row)
    with replacing(target) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(columns), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _pool_records(runs: Sequence[Publication], target: Path) -> None:
    records = []
    for run in runs:
        try:
            records.append(json.loads(gzip.decompress((run.folder / RECORD).read_bytes())))
        except (OSError, EOFError, ValueError):
            raise UserError(
                f"{run.folder / RECORD} is missing or damaged: restore it or publish the run again"
            ) from None
    with replacing(target) as temporary:
        text = json.dumps({"runs": list(_of_each(records))}, indent=1, ensure_ascii=False)
        temporary.write_bytes(gzip.compress(f"{text}\n".encode(), mtime=0))


def _of_each(values: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those of single runs, also of runs that are pooled themselves."""
    for value in values:
        yield from value.get("runs", [value])
