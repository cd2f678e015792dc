import pandas as pd
import pytest

from multipress.analysis.all_tables import all_tables
from multipress.analysis.glue_scores import METRICS, with_glue_scores
from multipress.analysis.results_file import read_results
from multipress.analysis.settings import AnalyzeSettings
from multipress.core.errors import UserError
from multipress.data.glue import GLUE
from tests.unit.analysis.cases import MULTIPLICATIVE, in_glue, results, row, without

METRIC = {"accuracy": 0.9, "f1": 0.7, "matthews": 0.4, "pearson": 0.8, "spearman": 0.6}
SETTINGS = AnalyzeSettings(draws=100, score="glue")


def measured(**metrics):
    """Results of all eight tasks and one of the user's, with the same metrics for each model."""
    table = results(MULTIPLICATIVE, tasks=[*sorted(GLUE), "mood"])
    return table.assign(**METRIC | metrics)


def test_each_task_has_the_score_by_which_glue_ranks_it():
    scores = with_glue_scores(measured()).groupby("task")["score"].first()
    expected = dict.fromkeys(GLUE, 90) | {"cola": 40, "mrpc": 80, "qqp": 80, "stsb": 70}
    assert scores.drop("mood").to_dict() == pytest.approx(expected)
    assert with_glue_scores(measured()).query("task == 'mood'").equals(measured().query("task == 'mood'"))


@pytest.mark.parametrize(("metric", "task"), [("matthews", "cola"), ("f1", "mrpc"), ("spearman", "stsb")])
def test_a_metric_that_is_missing_is_named(metric, task):
    named = f"analyze.score is glue, and results of {task} lack {metric}; "
    with pytest.raises(UserError, match=named):
        with_glue_scores(measured().drop(columns=metric))
    one_lacks_it = measured()
    one_lacks_it.loc[one_lacks_it["task"].eq(task).idxmax(), metric] = float("nan")
    with pytest.raises(UserError, match=named):
        all_tables(one_lacks_it, SETTINGS)


def test_a_metric_in_percent_is_refused():
    with pytest.raises(UserError, match="f1 of mrpc goes up to 70: such metrics are fractions of 1, so divide"):
        with_glue_scores(measured(f1=70.0))


def test_the_answers_are_those_of_a_table_with_these_scores():
    table = in_glue(results(MULTIPLICATIVE, tasks="abcd")).assign(data="hub")
    table = table.assign(**dict.fromkeys(METRICS, table["score"] / 100))
    turned = table.assign(score=50.0)
    ours, expected = all_tables(turned, SETTINGS), all_tables(table, AnalyzeSettings(draws=100))
    for name in ("table1", "interaction", "effects", "pareto", "claims", "interaction_curve", "ranking_size"):
        pd.testing.assert_frame_equal(ours[name], expected[name])
    assert ours["table1"]["QAT"].tolist() == [4, 4]


def test_flags_rest_on_the_scores_as_they_are():
    table = without(measured(), task="mood").assign(score_majority=60, rows=400, score=60)
    assert all_tables(table, SETTINGS)["flags"]["flag"].eq("not_learnt").sum() == len(table)


def test_scores_by_other_metrics_are_not_held_to_the_papers():
    table = without(measured(), task="mood").replace({"arch": {"big": "base", "small": "mini"}})
    frames = all_tables(table, SETTINGS)
    assert (
        frames["paper_comparison"]["note"].str.startswith("the paper's scores are accuracies; these are glue's").all()
    )
    assert frames["paper_comparison"]["ours"].isna().all()


def test_metrics_are_read_as_they_are_and_what_is_no_number_is_missing(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(
        "task,arch,recipe,seed,score,paper_mb,f1,accuracy\nmrpc,tiny,ft,1,80.5,17.5,n/a,0.805\nmrpc,tiny,kd,1,81,17.5,,0.81\n"
    )
    table = read_results(path)
    assert table["f1"].isna().all()
    assert row(table, recipe="ft")["accuracy"] == 0.805
    path.write_text(path.read_text().replace(",", ";").replace(".", ","))
    assert row(read_results(path), recipe="ft")["accuracy"] == 0.805
