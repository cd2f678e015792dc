import numpy as np
import pandas as pd
import pytest

from multipress.analysis.claims import claims
from multipress.analysis.comparison import comparison
from multipress.analysis.effects import effects
from multipress.analysis.flat_scores import flat_scores
from multipress.analysis.interaction import interaction
from multipress.analysis.paper import read_paper
from multipress.analysis.ranking import ranking
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.table1 import table1
from multipress.analysis.verdicts import CAN_NOT_TELL
from multipress.data.glue import GLUE
from tests.unit.analysis.cases import MULTIPLICATIVE, in_glue, results, study, without


def scored(score, **cells):
    """Results that multiply, but with one score for the models that have all of these values."""
    table = results(MULTIPLICATIVE)
    chosen = np.all([table[column] == value for column, value in cells.items()], axis=0)
    return table.assign(score=table["score"].where(~chosen, score))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (scored(52.7, task="b"), ["all models of task b have the score 52.7"]),
        (scored(0, task="b"), ["all models of task b have the score 0"]),
        (scored(0, task="b", arch="small"), ["all models of small at b have the score 0"]),
        (without(scored(0, task="b", arch="small"), arch="big", task="b"), ["all models of task b have the score 0"]),
        (scored(100, task="b"), []),
        (results(MULTIPLICATIVE), []),
        (results(names=["ft"]), []),
        (results(names=["ft"], tasks=["a"], seeds=[0]).head(1), []),
        (scored(np.nan, task="b"), []),
    ],
)
def test_scores_that_tell_no_model_from_another_are_found(table, said):
    assert [str(flat) for flat in flat_scores(table)] == said


@pytest.mark.parametrize("score", [0, 31.4, -2])
def test_there_is_no_interval_or_verdict_where_a_task_has_one_score(score):
    flat = study(scored(score, task="c"))
    for table in (interaction(flat), interaction_score(flat), effects(flat), ranking(flat)):
        assert table[["low", "high"]].isna().all(axis=None)
        assert table["note"].eq(f"no interval: all models of task c have the score {score}").all()
        if "verdict" in table:
            assert table["verdict"].eq(CAN_NOT_TELL).all()
        if "first" in table:
            assert table["first"].isna().all()


def test_such_a_task_leaves_the_claims_undecided():
    table = in_glue(results(MULTIPLICATIVE, tasks="abcde"))
    table.loc[table["task"] == "mrpc", "score"] = 31.4
    found = claims(study(table), read_paper())
    assert found[["low", "high"]].isna().all(axis=None)
    assert found["under_the_rule"].eq(CAN_NOT_TELL).all()
    assert found["note"].str.endswith("no interval: all models of task mrpc have the score 31.4").all()


def test_an_architecture_that_scores_0_leaves_the_others_their_intervals():
    table = interaction_score(study(scored(0, task="c", arch="small"))).set_index("arch")
    assert table.loc["big", "low"].notna().all()
    assert table.loc["big", "note"].str.startswith("no verdict: all 4 tasks agree").all()
    for arch in ("small", "pooled"):
        assert table.loc[arch, ["low", "high"]].isna().all(axis=None)
        assert table.loc[arch, "verdict"].eq(CAN_NOT_TELL).all()
        assert table.loc[arch, "note"].eq("no interval: all models of small at c have the score 0").all()


def test_ratios_that_rest_on_such_scores_say_so():
    flat = study(scored(0, task="c", arch="small"))
    table = table1(flat).set_index("arch")
    assert table.loc["small", "note"] == "all models of small at c have the score 0"
    assert table.loc["big", "note"] == ""
    assert table1(study(scored(0, task="c")))["note"].eq("all models of task c have the score 0").all()


def test_numbers_beside_the_papers_say_so():
    figure1 = read_paper().results()
    table = pd.concat([figure1.assign(task=task) for task in GLUE], ignore_index=True)
    table.loc[table["task"] == "rte", "score"] = 52.7
    ours = comparison(study(table), read_paper())
    assert ours["ours"].notna().all()
    assert ours["note"].eq("all models of task rte have the score 52.7").all()


def test_where_every_answer_is_right_compressions_cost_nothing():
    table = interaction_score(study(scored(100, task="c")))
    assert table.loc[table["arch"] == "big", ["low", "high"]].eq(0).all(axis=None)


def test_what_a_missing_model_leaves_open_is_said_first():
    table = interaction(study(without(scored(0, task="c"), arch="small", recipe="kd-int8", task="a")))
    assert table.loc[table["combination"] == "QAT+KD", "note"].eq("a lacks small/kd-int8").all()
