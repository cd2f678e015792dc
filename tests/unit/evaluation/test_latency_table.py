import sys

import pandas as pd
import pytest

from multipress.core.errors import UserError
from multipress.evaluation.latency.measure import write_rows
from multipress.evaluation.latency.table import gather, read_latencies
from multipress.evaluation.tables import LATENCY, RESULTS
from tests import forked


def row(recipe="ft", length="128", speedup=1.0, p10=1.5, measured=None):
    return {
        "recipe": recipe,
        "runtime": "torch",
        "device": "cpu",
        "threads": 1,
        "batch": 1,
        "length": length,
        "measured_recipe": measured or recipe,
        "n": 30,
        "p10_ms": p10,
        "median_ms": 2.0,
        "speedup": speedup,
        "cpu": "A processor, of some kind",
    }


def write(path, task, arch, *rows):
    write_rows(path, {"task": task, "arch": arch, "seed": 1}, rows)
    return path


def results(*models):
    return pd.DataFrame([(*model, 1) for model in models], columns=["task", "arch", "recipe", "seed"])


ORDER = results(("rte", "large", "ft"), ("rte", "large", "kd"), ("rte", "007", "ft"), ("cola", "large", "ft"))


def test_models_come_in_the_order_of_the_results_and_their_rows_as_they_were_measured(tmp_path):
    files = [
        write(tmp_path / "a.csv", "cola", "large", row()),
        write(tmp_path / "b.csv", "rte", "007", row(length="task"), row(length="128")),
        write(tmp_path / "c.csv", "rte", "large", row("kd"), row("ft")),
    ]
    table = gather(files, ORDER)
    assert list(table.columns) == list(LATENCY.columns)
    assert list(table[["task", "arch", "recipe", "length"]].itertuples(index=False, name=None)) == [
        ("rte", "large", "ft", "128"),
        ("rte", "large", "kd", "128"),
        ("rte", "007", "ft", "task"),
        ("rte", "007", "ft", "128"),
        ("cola", "large", "ft", "128"),
    ]


def test_numbers_are_read_as_they_were_written_and_no_peer_is_an_empty_cell(tmp_path):
    file = write(tmp_path / "a.csv", "rte", "large", row(p10=0.123457, speedup=None), row("kd", speedup=1.2346))
    table = read_latencies(file)
    assert list(table["p10_ms"]) == [0.123457, 1.5]
    assert list(table["speedup"].isna()) == [True, False]
    assert file.read_text().splitlines()[1].split(",")[-3] == ""
    assert set(table["cpu"]) == {"A processor, of some kind"}


def test_a_model_without_a_result_is_named(tmp_path):
    file = write(tmp_path / "a.csv", "mnli", "large", row())
    with pytest.raises(UserError, match="no row for mnli/large/seed1/ft"):
        gather([file], ORDER)


@pytest.mark.parametrize(
    ("content", "expected"),
    [("task,arch\nrte,large\n", "no column recipe"), ("", "no CSV table"), (None, "is missing")],
)
def test_an_unreadable_table_is_named(tmp_path, content, expected):
    path = tmp_path / "seed1.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=rf"seed1\.csv.*{expected}") as caught:
        read_latencies(path)
    assert "\n" not in str(caught.value)


def test_the_script_writes_all_rows(tmp_path):
    files = [
        write(tmp_path / "007.csv", "rte", "007", row()),
        write(tmp_path / "large.csv", "rte", "large", row(), row("kd", measured="ft")),
    ]
    ORDER.reindex(columns=RESULTS.columns).to_csv(tmp_path / "results.csv", index=False)
    command = [sys.executable, "-m", "workflow_scripts.tabulate_latency", "--params", "{}", "--latencies", *files]
    paths = ["--results", tmp_path / "results.csv", "--output", tmp_path / "latency.csv"]
    done = forked.run_text([*command, *paths])
    assert done.returncode == 0, done.stderr
    assert "3 points of 2 jobs, 2 of them measured and the others shared" in done.stdout
    table = read_latencies(tmp_path / "latency.csv")
    assert list(table[["arch", "recipe", "measured_recipe"]].itertuples(index=False, name=None)) == [
        ("large", "ft", "ft"),
        ("large", "kd", "ft"),
        ("007", "ft", "ft"),
    ]
