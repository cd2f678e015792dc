"""What holds for every published run."""

import csv
import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

from multipress.analysis.predictions.stored import cells, runs_of
from multipress.analysis.predictions.weighted_scores import Score
from multipress.reporting.contents import FIGURES, PARTS
from multipress.workflow.publication import Publication, differing_tables

ROOT = Path(__file__).parents[1]
MEGABYTES = 5
NOT_NEEDED = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers", "snakemake", "dvc")
NUMBERS = {"arch", "seed", "recipe", "split", "n_labels", "ece", "brier", "idx", "label", "prediction"}
MEASURED = [table for part in PARTS.values() for table in part.measured]
"""Tables that a run may have, of models that are there no more."""
HISTORY = ["task", "arch", "seed", "recipe", "step", "epoch", "loss", "dev_score"]


def remake(folder, output, place):
    """Remake a published run from the files that are no outcome, where whoever imports what is not needed fails."""
    given = ("settings.json", "histories.csv.gz", "predictions/*", "tables/results.csv")
    given += tuple(f"tables/{table.file}" for table in MEASURED)
    for file in (file for pattern in given for file in folder.glob(pattern)):
        copy = place / "given" / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    for name in NOT_NEEDED:
        stub = place / "stubs" / f"{name}.py"
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(f"raise AssertionError('{name} is imported')\n")
    command = [sys.executable, "-m", "workflow_scripts.remake", str(place / "given"), "--output-dir", str(output)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(place / "stubs"), str(ROOT)])}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return output


def check_remade(folder, output):
    """The same tables, and each figure in three formats."""
    assert list(differing_tables(folder, output)) == []
    run = Publication(folder)
    drawn = {figure.name for figure in FIGURES if not figure.part or figure.part in run.parts}
    figures = {file.name for file in (output / "figures").iterdir()}
    assert figures == {f"{name}.{ending}" for name in drawn for ending in ("svg", "pdf", "png")}


def check_contents(folder):
    """It is small, and holds no column in which a text could stand."""
    run = Publication(folder)
    names = ("settings.json", "metrics.json", "configuration.yaml", "environment.json", "audit.json.gz")
    expected = {*(folder / name for name in names), run.histories, *run.predictions, *run.tables.glob("*.csv")}
    found = {file for file in folder.rglob("*") if file.is_file()}
    assert found == expected
    assert sum(file.stat().st_size for file in found) < MEGABYTES * 10**6
    for file in run.predictions:
        assert set(pyarrow.parquet.read_schema(file).names) == NUMBERS
    with gzip.open(run.histories, "rt", encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == HISTORY
    for file in (folder / "configuration.yaml", folder / "environment.json", folder / "settings.json"):
        assert " /" not in file.read_text(encoding="utf-8")
    assert '"/' not in gzip.decompress((folder / "audit.json.gz").read_bytes()).decode()


def check_scores(folder):
    """Every score follows from the published predictions."""
    run = Publication(folder)
    results = pd.read_csv(run.tables / "results.csv").set_index(["task", "arch", "recipe", "seed"])
    count = 0
    for cell in cells(runs_of(run.predictions)):
        for (recipe, seed), predictions in cell.predictions().items():
            row = results.loc[cell.task, cell.arch, recipe, seed]
            assert Score(row["metric"], cell.n_labels).points(cell.labels, predictions) == pytest.approx(
                row["score"], abs=1e-4
            )
            count += 1
    assert count == results.index.get_level_values("arch").isin(run.settings("analyze")["architectures"]).sum()
