import json
import sys

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.methods import combinations
from multipress.analysis.paper import PAPER_METHODS as METHODS
from multipress.analysis.run_metrics import run_metrics
from multipress.analysis.table_files import write
from multipress.analysis.tables import INTERACTION, INTERACTION_CURVE, table1_columns
from multipress.evaluation import tables
from multipress.evaluation.results_table import write_table
from tests import forked

COMBINATIONS = combinations(METHODS)
SUMMARY = pd.DataFrame(
    [("big", "ft", 85.1249), ("big", "kd", np.nan), ("007", "kd-mp60-int8", -3.456)],
    columns=["arch", "recipe", "score"],
)
RATIOS = pd.DataFrame(
    [("big", *(place + 0.12345 for place in range(len(METHODS)))), ("007", 3.9, *[np.nan] * 6)],
    columns=["arch", *METHODS],
)
INTERACTIONS = pd.DataFrame(
    [(arch, name, ratio) for arch, ratio in (("big", 2.0), ("pooled", 1.15678)) for name in COMBINATIONS],
    columns=["arch", "combination", "ratio"],
)
CURVES = pd.DataFrame(
    [
        (size, within, method, 2.34567 * factor, *((1.11119, 1.05551) if "+" in method else (np.nan, np.nan)))
        for size, factor in (("paper_mb", 1), ("packed_mb", 9))
        for within in ("pooled", "big to small")
        for method in ("KD", "QAT+KD")
    ],
    columns=["size", "range", "method", "times_smaller", "ratio", "beyond"],
)
CURVES.loc[CURVES["range"] != "pooled", "times_smaller"] = 7.0


def test_each_number_stands_under_its_name_and_rounded():
    metrics = run_metrics(SUMMARY, RATIOS, INTERACTIONS, CURVES)
    assert metrics["score"] == {"big/ft": 85.12, "007/kd-mp60-int8": -3.46}
    of_big = {f"big/{method}": place + 0.123 for place, method in enumerate(METHODS)}
    assert metrics["papers_rule_times_smaller"] == pytest.approx(of_big | {"007/QAT": 3.9})
    assert metrics["papers_rule_over_product"] == dict.fromkeys(COMBINATIONS, 1.157)
    assert metrics["equal_score_times_smaller"] == {"KD": 2.346, "QAT+KD": 2.346}
    assert metrics["equal_score_over_product"] == {"QAT+KD": 1.111}
    assert metrics["beyond_additivity"] == {"QAT+KD": 1.056}
    assert next(iter(sorted(metrics))) == "beyond_additivity"  # the file is sorted: the answer comes first


def test_what_is_unknown_is_left_out():
    nothing = INTERACTIONS.assign(ratio=np.nan)
    open_ratios, open_curves = (
        RATIOS.assign(**dict.fromkeys(METHODS, np.nan)),
        CURVES.assign(times_smaller=np.nan, ratio=np.nan, beyond=np.nan),
    )
    metrics = run_metrics(SUMMARY.assign(score=np.nan), open_ratios, nothing, open_curves)
    kinds = ["beyond_additivity", "equal_score_over_product", "equal_score_times_smaller"]
    kinds += ["papers_rule_over_product", "papers_rule_times_smaller", "score"]
    assert metrics == {kind: {} for kind in kinds}


@pytest.fixture
def command(tmp_path):
    """The script's command line for the tables in a folder."""
    paths = {"summary": "summary.csv", "ratios": "table1.csv", "interactions": "interaction.csv"}
    paths["curves"] = "interaction_curve.csv"
    options = [part for name, file in paths.items() for part in (f"--{name}", tmp_path / file)]
    options += ["--output", tmp_path / "out" / "metrics.json"]
    return [*map(str, [sys.executable, "-m", "workflow_scripts.summarize_run", "--params", "{}", *options])]


def test_the_script_gathers_the_tables_as_they_lie_on_disk(command, tmp_path):
    write_table(tmp_path / "summary.csv", SUMMARY.reindex(columns=tables.SUMMARY.columns))
    write(tmp_path / "table1.csv", RATIOS.reindex(columns=table1_columns(METHODS)))
    write(tmp_path / "interaction.csv", INTERACTIONS.reindex(columns=INTERACTION.columns))
    write(tmp_path / "interaction_curve.csv", CURVES.reindex(columns=INTERACTION_CURVE.columns))
    done = forked.run_text(command)
    assert (done.returncode, done.stderr) == (0, "")
    at_equal_score = "1 of beyond_additivity, 1 of equal_score_over_product, 2 of equal_score_times_smaller"
    by_rule = "4 of papers_rule_over_product, 8 of papers_rule_times_smaller"
    assert done.stdout == f"{at_equal_score}, {by_rule}, 2 of score\n"
    text = (tmp_path / "out" / "metrics.json").read_text()
    assert json.loads(text) == run_metrics(SUMMARY, RATIOS, INTERACTIONS, CURVES)


def test_the_script_names_a_missing_table_in_one_line(command, tmp_path):
    write_table(tmp_path / "summary.csv", SUMMARY.reindex(columns=tables.SUMMARY.columns))
    done = forked.run_text(command)
    assert done.returncode == 1
    assert done.stderr.startswith(f"summarize_run: error: {tmp_path / 'table1.csv'} cannot be read")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
