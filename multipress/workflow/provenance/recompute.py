"""Tables made anew, from the stored predictions up, beside those on the disk."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute

from multipress.analysis import table_files
from multipress.analysis.all_tables import all_tables
from multipress.analysis.prediction_tables import LOST_ROWS
from multipress.analysis.predictions.both_tables import Comparison, prediction_tables
from multipress.analysis.predictions.lost_rows import lost_rows
from multipress.analysis.results_file import read_results
from multipress.analysis.run_metrics import Metrics, run_metrics
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.survey.both_tables import survey_tables
from multipress.analysis.tables import INTERACTION, INTERACTION_CURVE, TABLE1
from multipress.core import csv_tables
from multipress.core.files import read_json, write_json
from multipress.data.prepared import PreparedTask, read_rows, read_task
from multipress.dissection.claims import claims
from multipress.dissection.probes.claims import probe_claims
from multipress.dissection.probes.table_files import gather_probes
from multipress.dissection.probes.tables import PROBE_CLAIMS, PROBES
from multipress.dissection.tables import CLAIMS as DISSECTION_CLAIMS
from multipress.dissection.tables import MEASURED as DISSECTED
from multipress.evaluation.exported import read_exported
from multipress.evaluation.latency.table import gather, read_latencies
from multipress.evaluation.metrics import majority_score, primary_score, score_all
from multipress.evaluation.parity import changed, logits_gaps
from multipress.evaluation.results_table import read_table, tabulate, tabulate_exits, write_summary, write_table
from multipress.evaluation.tables import EXITS, LATENCY
from multipress.evaluation.training_curves import training_summary
from multipress.evaluation.training_histories import read_histories
from multipress.workflow.provenance.findings import Difference
from multipress.workflow.provenance.record import JobRecord, Record

_TOLERANCE = 1e-9
"""Tolerance between scores that were computed on different machines."""


def rescore(job: JobRecord) -> tuple[list[dict[str, Any]], list[Difference]]:
    """The records of an evaluation with their scores computed anew from predictions and labels, and what differs.

    Raises:
        UserError: a file is missing or damaged.
    """
    metrics, predictions = job.outputs
    task_file = next(file for file in job.inputs if file.endswith("/task.json"))
    task, rows = read_task(task_file), read_rows(predictions)
    differences = list(_differing_labels(predictions, rows, Path(task_file).parent))
    table = rows.drop_columns(["logits"]).to_pandas()
    exported = next((read_exported(file) for file in job.inputs if file.endswith("/exported_logits.safetensors")), {})
    records = []
    for record in read_json(metrics):
        recipe = record["recipe"]
        fresh = _scores(table[table["recipe"] == recipe], task, record["metric"])
        if recipe in exported:
            fresh |= logits_gaps(_logits(rows, recipe), exported[recipe].logits)
            fresh["onnx_mb"] = exported[recipe].megabytes
        location = f"{metrics}: {record['recipe']}"
        differences += [
            Difference(f"{location}: {key}", str(value), str(record.get(key)))
            for key, value in fresh.items()
            if not _is_close(value, record.get(key))
        ]
        records.append(record | fresh)
    return records, differences


def _differing_labels(predictions: str, rows: pyarrow.Table, data: Path) -> Iterator[Difference]:
    """Labels beside the predictions that are not those of the prepared dev sets."""
    for split in rows["split"].unique().to_pylist():
        file = data / f"{split}.parquet"
        gold = dict(zip(*read_rows(file).select(["idx", "label"]).to_pydict().values(), strict=True))
        ours = rows.filter(pyarrow.compute.equal(rows["split"], split)).select(["idx", "label"]).to_pydict()
        wrong = [idx for idx, label in zip(*ours.values(), strict=True) if not _is_close(label, gold.get(idx))]
        if wrong or len(set(ours["idx"])) != len(gold):
            yield Difference(f"{predictions}: labels of {split}", f"those of {file}", _format_wrong(wrong, ours, gold))


def _format_wrong(wrong: list[int], ours: dict[str, list[Any]], gold: dict[int, Any]) -> str:
    return f"{len(wrong)} others" if wrong else f"{len(set(ours['idx']))} rows instead of {len(gold)}"


def _scores(rows: pd.DataFrame, task: PreparedTask, metric: str) -> dict[str, Any]:
    """The scores of one model, as ``evaluate_model`` names them."""
    scores: dict[str, Any] = {}
    for split, part in rows.groupby("split"):
        values = _score(task, part["label"], part["prediction"])
        scores |= {name + str(split).removeprefix("dev"): value for name, value in values.items()}
    scores["score"] = primary_score(metric, scores, "the dev set")
    labels = rows.loc[rows["split"] == "dev", "label"].to_numpy()
    scores["score_majority"] = majority_score(task.kind, metric, labels, len(task.labels or []), "the dev set")
    deployed = rows[(rows["split"] == "dev") & rows["prediction_deployed"].notna()]
    if not deployed.empty:
        exported = deployed["prediction_deployed"]
        values = _score(task, deployed["label"], exported)
        scores["score_deployed"] = primary_score(metric, values, "the dev set")
        scores["predictions_changed"] = changed(task.kind, deployed["prediction"], exported)
    return scores


def _score(task: PreparedTask, labels: pd.Series, predictions: pd.Series) -> dict[str, float]:
    return score_all(task.kind, labels.to_numpy(), predictions.to_numpy(), len(task.labels or []))


def _logits(rows: pyarrow.Table, recipe: str) -> np.ndarray:
    """The stored logits of a model on the split ``dev``, shape (rows, outputs)."""
    is_own = pyarrow.compute.and_(
        pyarrow.compute.equal(rows["recipe"], recipe), pyarrow.compute.equal(rows["split"], "dev")
    )
    return np.stack(rows.filter(is_own)["logits"].to_numpy())


def _is_close(value: float | None, other: Any) -> bool:
    if value is None:
        return other is None
    return isinstance(other, int | float) and math.isclose(value, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def retabulate(record: Record, scored: dict[str, list[dict[str, Any]]], folder: Path) -> dict[str, Path]:
    """Tables made anew in a folder: the file on the disk, and the fresh one.

    All but those of floors and of representations, which follow from no predictions.

    Args:
        record: The record of the run.
        scored: Records of each evaluation, by its metrics file.
        folder: Where the fresh files go.

    Raises:
        UserError: a file that goes into a table is missing or damaged.
    """
    jobs = {job.rule: job for job in record.jobs if not job.wildcards}
    variants = jobs["tabulate"].settings.get("variants", {})
    copies = _copies(scored, jobs["tabulate"].inputs, folder)
    results = tabulate(copies, variants)
    write_table(folder / EXITS.file, tabulate_exits(copies, variants))  # as they were: no logits of exits are stored
    write_table(folder / "results.csv", results)
    write_summary(folder / "results.csv", folder / "summary.csv", variants)
    if comparing := jobs.get("compare_predictions"):
        compared = prediction_tables(_paths(comparing.inputs), Comparison.model_validate(comparing.settings))
        for name, table in zip(("significance", "changes"), compared, strict=True):
            table_files.write(folder / f"{name}.csv", table)
    if surveying := jobs.get("compare_families"):
        for name, table in _surveyed(surveying, folder / "results.csv").items():
            table_files.write(folder / f"{name}.csv", table)
    for name, table in _analyzed(jobs["analyze"].settings, folder / "results.csv").items():
        table_files.write(folder / f"{name}.csv", table)
    write_json(folder / "metrics.json", _metrics(folder))
    write_table(folder / "training.csv", training_summary(read_histories(_paths(jobs["plot_training"].inputs))))
    if dissecting := jobs.get("plot_dissection"):
        made = zip(map(Path, dissecting.inputs), DISSECTED, strict=True)
        dissected = (csv_tables.read_as(table, file, "the rule dissect") for file, table in made)
        csv_tables.write(folder / DISSECTION_CLAIMS.file, claims(*dissected))
    if probing := jobs.get("tabulate_probes"):
        probes = gather_probes(_paths(probing.inputs))
        csv_tables.write(folder / PROBES.file, probes)
        csv_tables.write(folder / PROBE_CLAIMS.file, probe_claims(probes, variants))
    if finding := jobs.get("find_lost_rows"):
        predictions = [file for file in _paths(finding.inputs) if file.name == "predictions.parquet"]
        data = Path(finding.inputs[0]).parents[1]
        lost = lost_rows(predictions, data, finding.settings["recipes"], finding.settings["confidence"])
        table_files.write(folder / LOST_ROWS.file, lost)
    if latency := jobs.get("tabulate_latency"):
        files = [file for file in latency.inputs if Path(file).name != "results.csv"]
        write_table(folder / "latency.csv", gather(_paths(files), results))
    names = {path.name for path in folder.iterdir()}
    outputs = [file for job in jobs.values() for file in job.outputs]
    return {file: folder / Path(file).name for file in outputs if Path(file).name in names}


def _metrics(folder: Path) -> Metrics:
    """The run's metrics from the tables as they are written, with their decimals."""
    summary = read_table(folder / "summary.csv", ["arch", "recipe", "score"])
    others = (
        table_files.read(folder / table.file, table.columns) for table in (TABLE1, INTERACTION, INTERACTION_CURVE)
    )
    return run_metrics(summary, *others)


def _paths(files: list[str]) -> list[Path]:
    return [Path(file) for file in files]


def _copies(scored: dict[str, list[dict[str, Any]]], files: list[str], folder: Path) -> list[Path]:
    """The records as files, in the order in which the table was made of them."""
    copies = [folder / "evaluations" / f"{number}.json" for number in range(len(files))]
    for file, copy in zip(files, copies, strict=True):
        write_json(copy, scored[file])
    return copies


def _surveyed(job: JobRecord, results: Path) -> dict[str, pd.DataFrame]:
    settings = AnalyzeSettings.model_validate({key: job.settings[key] for key in ("draws", "seed", "confidence")})
    latencies = [read_latencies(Path(file)) for file in job.inputs if Path(file).name == LATENCY.file]
    tables = survey_tables(
        read_results(results, in_points=True),
        latencies[0] if latencies else None,
        settings,
        job.settings.get("variants", {}),
        "survey" in job.settings,
    )
    return dict(zip(("families", "compounds"), tables, strict=True))


def _analyzed(settings: dict[str, Any], results: Path) -> dict[str, pd.DataFrame]:
    # The record of an older run lacks settings that came later; what they change in tables is then told as differing.
    known = {key: settings[key] for key in AnalyzeSettings.model_fields if key in settings}
    analysis = AnalyzeSettings.model_validate(known)
    return all_tables(
        read_results(results), analysis, settings["baselines"], settings["architectures"], settings["synthetic"]
    )
