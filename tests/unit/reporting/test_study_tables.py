"""Tables of pages, made of the published runs that are in this repository."""

import re

import pandas as pd
import pytest

from multipress.core.errors import UserError
from multipress.reporting.study_tables import TABLES, filled
from multipress.workflow.environment import ROOT

RUNS = ROOT / "docs" / "results" / "data"
PAGES = sorted((ROOT / "docs" / "results").glob("*.md"))
MARKED = "before\n<!-- xtc-six {0}: begin -->\nold\n<!-- xtc-six {0}: end -->\nafter\n"


def rows(markdown):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_as_many_cells_in_each_row(name):
    made = 0
    for run in RUNS.iterdir():
        try:
            head, _, *others = rows(TABLES[name](run / "tables"))
        except UserError:  # a part that the run has not
            continue
        assert all(len(row) == len(head) for row in others)
        made += len(others)
    if not made:
        pytest.skip("no published run has this part")


def test_scores_are_those_of_the_run():
    results = pd.read_csv(RUNS / "xtc-six" / "tables" / "results.csv").set_index(["recipe", "task"])
    head, _, *others = rows(TABLES["scores"](RUNS / "xtc-six" / "tables"))
    assert len(others) == results.index.get_level_values("recipe").nunique()
    for row in others:
        recipe = row[head.index("recipe")].strip("`")
        for task in ("sst2", "mrpc", "rte"):
            assert row[head.index(task)] == f"{results.loc[(recipe, task), 'score']:.1f}"


def test_a_recipe_has_the_scores_of_all_architectures_in_a_row():
    folder = RUNS / "minilm" / "tables"
    results = pd.read_csv(folder / "results.csv")
    head, _, *others = rows(TABLES["by_recipe"](folder))
    assert len(others) == results["recipe"].nunique()
    assert len(head) == 1 + results["task"].nunique() * results["arch"].nunique()
    of_three = results[(results["arch"] == "three") & (results["task"] == "stsb") & (results["recipe"] == "kd")]
    row = next(row for row in others if row[0] == "`kd`")
    assert row[head.index("stsb, three")] == f"{of_three['score'].mean():.1f}"


def test_deployed_models_have_the_scores_of_their_files(tmp_path):
    folder = RUNS / "xtc-six" / "tables"
    results = pd.read_csv(folder / "results.csv")
    head, _, *others = rows(TABLES["deployed"](folder))
    assert len(others) == results["recipe"].nunique()
    terf = next(row for row in others if "`ft-terf`" in row)
    of_terf = results[results["recipe"] == "ft-terf"].set_index("task")
    assert [terf[head.index(task)] for task in ("sst2", "rte")] == [
        f"{of_terf.loc[task, 'score_deployed']:.1f}" for task in ("sst2", "rte")
    ]
    of_ft = results[results["recipe"] == "ft"]["deployed_mb"].iloc[0]
    assert terf[head.index("times smaller")] == f"{of_ft / of_terf['deployed_mb'].iloc[0]:.2f}×"
    for name in ("results", "summary"):
        table = pd.read_csv(folder / f"{name}.csv")
        table[table["recipe"] != "ft"].to_csv(tmp_path / f"{name}.csv", index=False)
    assert {row[head.index("times smaller")] for row in rows(TABLES["deployed"](tmp_path))[2:]} == {"–"}


def test_a_mean_over_fewer_tasks_and_a_number_that_is_not_known_are_dashes(tmp_path):
    folder = RUNS / "xtc-six" / "tables"
    changes = pd.read_csv(folder / "changes.csv")
    lacking = changes[(changes["recipe"] == "ft-bin") & (changes["task"] == "rte")].index
    changes.drop(lacking).to_csv(tmp_path / "changes.csv", index=False)
    of_all, of_fewer = ({row[1]: row[2:] for row in rows(TABLES["changes"](each))} for each in (folder, tmp_path))
    assert of_fewer == of_all | {"`ft-bin`": ["–"] * 3}
    matched = pd.read_csv(RUNS / "minilm" / "tables" / "effects_matched.csv").assign(matched=1.0, raw=float("nan"))
    matched.to_csv(tmp_path / "effects_matched.csv", index=False)
    assert {row[4] for row in rows(TABLES["matched"](tmp_path))[2:]} == {"–"}


def test_a_table_that_lacks_a_column_is_told(tmp_path):
    (tmp_path / "run" / "tables").mkdir(parents=True)
    pd.read_csv(RUNS / "xtc-six" / "tables" / "claims.csv").drop(columns="claim").to_csv(
        tmp_path / "run" / "tables" / "claims.csv", index=False
    )
    with pytest.raises(UserError, match=r"run/tables/claims\.csv has no column claim: publish the run again"):
        filled("<!-- run claims: begin -->\n<!-- run claims: end -->", tmp_path)


def test_times_on_a_gpu_stand_in_a_column_of_their_own(tmp_path):
    table = pd.read_csv(RUNS / "case-study" / "tables" / "latency.csv")
    on_gpu = table[table["runtime"] == "torch"].assign(device="NVIDIA H100", median_ms=1.0)
    pd.concat([table, on_gpu]).to_csv(tmp_path / "latency.csv", index=False)
    head, _, *others = rows(TABLES["latency"](tmp_path))
    before, _, *those = rows(TABLES["latency"](RUNS / "case-study" / "tables"))
    assert head == [*before, "torch, NVIDIA H100"]
    assert [row[:-1] for row in others] == those


def test_hours_are_all_that_was_trained():
    results = pd.read_csv(RUNS / "xtc-six" / "tables" / "results.csv")
    assert rows(TABLES["hours"](RUNS / "xtc-six" / "tables"))[-1][-1] == f"{results['train_seconds'].sum() / 3600:.2f}"


def test_hours_of_tasks_and_seeds_are_all_that_was_trained():
    for run in RUNS.iterdir():
        results = pd.read_csv(run / "tables" / "results.csv")
        _, _, *others = rows(TABLES["cells"](run / "tables"))
        found = sum(float(cell) for _, *cells in others for cell in cells if cell != "–")
        assert found == pytest.approx(results["train_seconds"].sum() / 3600, abs=0.005 * results["task"].nunique() * 3)


def test_a_table_is_put_between_its_markers_and_nothing_else_changes():
    text = filled(MARKED.format("scores"), RUNS)
    assert re.sub(r"begin -->\n.*\n<!--", "begin -->\nold\n<!--", text, flags=re.DOTALL) == MARKED.format("scores")
    assert "`ft-l2f-bin`" in text
    assert filled(text, RUNS) == text


@pytest.mark.parametrize(("name", "words"), [("score", "known are scores"), ("latency", "latency.csv cannot be read")])
def test_what_cannot_be_filled_is_refused(name, words):
    with pytest.raises(UserError, match=words):
        filled(MARKED.format(name), RUNS)


@pytest.mark.parametrize(
    ("markers", "line"),
    [
        ("<!-- xtc-six scores: begin -->\nold\n<!-- xtc-six score: end -->", 1),
        ("text\n<!-- xtc-six scores: begin -->\nold", 2),
        ("<!-- xtc-six scores: end -->\nold\n<!-- xtc-six scores: begin -->", 1),
        ("<!-- xtc-six scores begin -->\nold\n<!-- xtc-six scores: end -->", 1),
        (MARKED.format("scores") + "<!-- xtc-six: begin -->", 6),
    ],
)
def test_a_marker_alone_is_refused(markers, line):
    with pytest.raises(UserError, match=f"^line {line}: <!-- xtc-six"):
        filled(markers, RUNS)


def test_latencies_are_means_over_tasks_and_seeds(tmp_path):
    latencies = pd.read_csv(RUNS / "case-study" / "tables" / "latency.csv", keep_default_na=False)
    other = latencies.assign(seed=2, median_ms=3 * latencies["median_ms"], speedup=3 * latencies["speedup"])
    pd.concat([latencies, other]).to_csv(tmp_path / "latency.csv", index=False)
    found = TABLES["latency"](tmp_path)
    means = latencies.assign(median_ms=2 * latencies["median_ms"], speedup=2 * latencies["speedup"])
    means.to_csv(tmp_path / "latency.csv", index=False)
    assert found == TABLES["latency"](tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_have_the_tables_of_their_runs(page):
    text = page.read_text(encoding="utf-8")
    assert filled(text, RUNS) == text
