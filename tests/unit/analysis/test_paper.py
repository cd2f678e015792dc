import math
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr, ttest_1samp

from benchmarks.synthetic_study import Population
from multipress.analysis.claims import claims
from multipress.analysis.comparison import comparison, spearman
from multipress.analysis.curve_verdicts import with_verdicts
from multipress.analysis.equal_score_claims import few_diminish
from multipress.analysis.grid import grid
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.paper import PAPER_METHODS, REFERENCE, read_paper
from multipress.analysis.reference_check import reference_check
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.table1 import table1
from multipress.analysis.verdicts import POOLED
from multipress.core.errors import UserError
from multipress.data.glue import GLUE
from tests.unit.analysis.cases import DIMINISHING, MULTIPLICATIVE, in_glue, results, row, study, unlike, without

PAPER = read_paper()


def in_glue_unlike(*arguments, **cases):
    return in_glue(unlike(*arguments, **cases))


def papers_results(tasks):
    """Figure 1 as the results of each of these tasks."""
    return pd.concat([PAPER.results().assign(task=task) for task in tasks], ignore_index=True)


def test_the_reference_holds_six_architectures_and_every_recipe_of_the_study():
    assert PAPER.ratios.shape == (6, len(PAPER_METHODS))
    assert PAPER.figure1.groupby("arch")["recipe"].nunique().tolist() == [12] * 6
    assert PAPER.figure1["precision"].isin([0.03, 0.05, 0.1]).all()


def test_figure_1_runs_through_the_rule_of_table_1():
    table = table1(study(PAPER.results()))
    assert table["arch"].tolist() == PAPER.table1.index.tolist()
    # Tiny has nothing smaller to stand in for it, so means over tasks tell what the tasks tell.
    tiny = table.set_index("arch").loc["tiny"]
    assert [tiny["KD"], tiny["QAT+KD"], tiny["QAT+KD+MP"]] == pytest.approx([1.0, 4.0, 4.2], abs=0.1)
    assert tiny["MP"] < 1


def test_the_papers_figure_differs_nowhere_from_itself():
    table = comparison(study(papers_results(GLUE)), PAPER)
    scores = table[table["quantity"] == "score difference"]
    assert len(scores) == 6 * 11
    np.testing.assert_allclose(scores["difference"], 0, atol=1e-9)
    np.testing.assert_allclose(scores["rank_correlation"], 1)
    assert (table["note"] == "").all()


def test_ratios_stand_beside_the_printed_ones():
    found = row(comparison(study(PAPER.results()), PAPER), quantity="ratio", arch="tiny", method="QAT+KD")
    assert (found["paper"], found["precision"]) == (4.0, 0.05)
    assert found["difference"] == pytest.approx(found["ours"] - 4.0)


def test_means_over_other_tasks_are_not_held_to_the_papers():
    table = comparison(study(papers_results(["rte", "cola"])), PAPER)
    assert table[["ours", "difference", "rank_correlation"]].isna().all(axis=None)
    assert table["paper"].notna().all()
    assert table["note"].str.endswith("these are cola, rte").all()


def test_what_our_results_lack_is_named_in_the_comparison():
    lacking = without(without(papers_results(GLUE), arch="large"), arch="mini", task="rte", recipe="kd")
    table = comparison(study(lacking), PAPER)
    assert row(table, quantity="ratio", arch="large", method="KD")["note"] == "no results of large"
    assert "no results of large/ft" in row(table, arch="large", recipe="kd")["note"]
    assert row(table, arch="mini", recipe="kd")["note"] == "rte lacks mini/kd"
    assert math.isnan(row(table, arch="mini", recipe="kd")["rank_correlation"])
    assert row(table, arch="tiny", recipe="kd")["difference"] == pytest.approx(0)


def test_rank_correlation_is_spearmans_with_ties():
    ours, theirs = np.array([1.0, 2, 2, 4, 8, 8]), np.array([2.0, 1, 3, 3, 9, 7])
    assert spearman(ours, theirs) == pytest.approx(spearmanr(ours, theirs).statistic)
    assert math.isnan(spearman(ours, np.ones(6)))
    assert math.isnan(spearman(np.append(ours[:5], np.nan), theirs))


def test_the_papers_numbers_support_its_own_claims():
    assert set(claims(study(PAPER.results()), PAPER)["paper_says"]) == {"supported"}


def test_claims_are_judged_by_our_results():
    table = claims(study(in_glue_unlike(DIMINISHING)), PAPER).set_index("claim")
    assert table.loc["QAT gives more than MP", "under_the_rule"] == "supported"
    assert table.loc["QAT gives more than MP", "ours"] == pytest.approx(2, rel=0.01)
    assert table.loc["KD gives more than MP", "under_the_rule"] == "can't tell"  # big 4, small 1: pooled 2, a tie
    assert table.loc["QAT+MP gives diminishing returns", "under_the_rule"] == "supported"
    assert table.loc["KD+MP gives no diminishing returns", "under_the_rule"] == "supported"
    opposite = claims(study(in_glue_unlike(MULTIPLICATIVE)), PAPER).set_index("claim")
    assert opposite.loc["QAT+MP gives diminishing returns", "under_the_rule"] == "not supported"
    share = opposite.loc["combining rarely gives diminishing returns"]
    assert share["ours"] == 0
    assert share["note"].endswith("no verdict: every draw of tasks gives this share")


def test_claims_are_not_decided_where_all_tasks_agree():
    table = claims(study(in_glue(results(DIMINISHING, tasks="abcdef"))), PAPER)
    assert table["under_the_rule"].eq("can't tell").all()
    assert table["note"].str.contains("no verdict: all 6 tasks agree").any()


BIG = in_glue(unlike(DIMINISHING))[lambda table: table["arch"] == "big"]


@pytest.mark.parametrize(
    ("table", "synthetic", "reason"),
    [
        (in_glue(unlike(DIMINISHING, "abcd")), False, "4 of the paper's tasks are fewer than 5"),
        (unlike(DIMINISHING, ["mood", *sorted(GLUE)[:5]]), False, "not among the paper's tasks: mood"),
        (PAPER.results(), False, "not among the paper's tasks: glue"),
        (BIG, False, "one architecture"),
        (in_glue(unlike(DIMINISHING)), True, "the data are synthetic"),
    ],
)
def test_claims_are_not_judged_by_what_cannot_be_compared(table, synthetic, reason):
    found = claims(study(table), PAPER, synthetic)
    assert found["note"].eq(f"not judged: {reason}").all()
    assert found[["under_the_rule", "at_equal_score"]].isna().all(axis=None)
    about_combinations = found["claim"].str.contains("diminishing")
    assert found.loc[about_combinations, "beyond_additivity"].isna().all()
    assert found.loc[~about_combinations, "beyond_additivity"].eq("").all()
    assert found["paper_says"].eq("supported").all()


def test_claims_are_judged_by_five_tasks_and_two_architectures():
    found = claims(study(in_glue_unlike(DIMINISHING, "abcde")), PAPER).set_index("claim")
    assert found.loc["QAT gives more than MP", "under_the_rule"] == "supported"


def drawn(number=0, tasks=8, seeds=3, **population):
    """A study of the paper's shape, on its tasks."""
    of = Population(**{"task_spread": 0.2} | population)
    return in_glue(of.draw(np.random.default_rng([11, number]), tasks, seeds))


def test_one_seed_gives_no_verdict_under_the_rule():
    found = claims(study(drawn(seeds=1)), PAPER)
    assert set(found["under_the_rule"]) == {"can't tell"}
    assert found["note"].str.contains("no verdict under the rule: one seed tells nothing of noise").any()
    assert "supported" in set(found["at_equal_score"])
    assert "supported" in set(claims(study(drawn()), PAPER)["under_the_rule"])


def test_claims_are_answered_by_the_curves():
    table = drawn()
    found = claims(study(table), PAPER).set_index("claim")
    grids = {"paper_mb": grid(table)}
    per_task = of_tasks(grids, 0.95)
    curves = with_verdicts(interaction_curve(per_task, grids, 0.95), per_task, AnalyzeSettings())
    expected = row(curves, range="pooled", method="KD+MP")
    ours = found.loc["KD+MP gives no diminishing returns"]
    assert ours[["curve", "curve_low", "curve_high", "beyond"]].tolist() == pytest.approx(
        [expected["ratio"], expected["ratio_low"], expected["ratio_high"], expected["beyond"]]
    )
    assert ours[["at_equal_score", "beyond_additivity"]].tolist() == ["supported", "supported"]
    assert found.loc["QAT+MP gives diminishing returns", ["at_equal_score", "beyond_additivity"]].tolist() == [
        "not supported",
        "not supported",
    ]
    rarely = found.loc["combining rarely gives diminishing returns"]
    assert (rarely["curve"], rarely["at_equal_score"], rarely["beyond_additivity"]) == (0, "supported", "supported")


def test_one_method_against_another_is_asked_of_their_distances_task_by_task():
    table = drawn()
    tasks = of_tasks({"paper_mb": grid(table)}, 0.95).query("range == 'pooled'")
    times = tasks.pivot(index="task", columns="method", values="times_smaller")
    found = claims(study(table), PAPER).set_index("claim")
    for first, second in (("QAT", "MP"), ("KD", "MP"), ("QAT", "KD")):
        ours = found.loc[f"{first} gives more than {second}"]
        interval = ttest_1samp(np.log(times[first] / times[second]), 0).confidence_interval(0.95)
        assert np.log([ours["curve_low"], ours["curve_high"]]) == pytest.approx([interval.low, interval.high])
        assert ours["at_equal_score"] == "supported"
        assert ours["beyond_additivity"] == ""
    least = min(found.loc[f"{pair}", "curve"] for pair in ("QAT gives more than KD", "KD gives more than MP"))
    order = found.loc["the order of priority is QAT, KD, MP"]
    assert (order["curve"], order["at_equal_score"]) == (least, "supported")


def test_an_order_fails_with_any_of_its_steps():
    upside_down = drawn(effects=(4.0, -1.5, -0.3, -1.0), recovered=0.0)  # distillation gives more than quantization
    found = claims(study(upside_down), PAPER).set_index("claim")
    assert found.loc["QAT gives more than KD", "at_equal_score"] == "not supported"
    assert found.loc["the order of priority is QAT, KD, MP", "at_equal_score"] == "not supported"


def test_sizes_may_diminish_although_nothing_interacts():
    steep = drawn(recovered=0.0, gain_by_arch=(-1.5, -0.8, 0.2, 1.0, 1.5, 0.2))
    found = claims(study(steep), PAPER).set_index("claim").loc["KD+MP gives no diminishing returns"]
    assert (found["at_equal_score"], found["beyond_additivity"]) == ("not supported", "supported")


def test_the_papers_figure_stands_beside_ours():
    found = claims(study(drawn()), PAPER).set_index("claim")
    papers = reference_check(PAPER, AnalyzeSettings(draws=100)).set_index("combination")
    for name, claim in (
        ("QAT+MP", "QAT+MP gives diminishing returns"),
        ("KD+MP", "KD+MP gives no diminishing returns"),
    ):
        assert found.loc[claim, "paper_curve"] == pytest.approx(papers.loc[name, "curves"])
    assert found["paper_beyond"].dropna().round(2).tolist() == [0.0, 0.99, 1.09, 1.2, 1.27]


def test_what_the_curves_leave_open_is_said():
    lacking = without(drawn(), task="cola", arch="mini", recipe="kd-int8")
    found = claims(study(lacking), PAPER).set_index("claim")
    open_one = found.loc["QAT+KD gives no diminishing returns"]
    assert (open_one["at_equal_score"], open_one["beyond_additivity"]) == ("can't tell", "can't tell")
    assert open_one["note"] == "cola lacks mini/kd-int8"
    assert found.loc["KD+MP gives no diminishing returns", "at_equal_score"] == "supported"
    no_kd = drawn()[lambda table: ~table["recipe"].str.startswith("kd")]
    found = claims(study(no_kd), PAPER).set_index("claim")
    assert found.loc["KD gives more than MP", ["at_equal_score", "note"]].tolist() == ["can't tell", "no model of KD"]
    assert found.loc["QAT gives more than MP", "at_equal_score"] == "supported"


@pytest.mark.parametrize(
    ("diminishing", "open_ones", "word"),
    [(0, 2, "can't tell"), (0, 1, "supported"), (1, 0, "supported"), (3, 1, "not supported"), (2, 0, "not supported")],
)
def test_combining_rarely_diminishes_if_fewer_than_half_do_whatever_the_open_ones_do(diminishing, open_ones, word):
    names = ["QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
    found = ["diminishing"] * diminishing + ["can't tell"] * open_ones + ["additive"] * (4 - diminishing - open_ones)
    assert few_diminish(dict(zip(names, found, strict=True))) == word


def test_why_it_cannot_be_told_is_said_of_what_is_open():
    """QAT+KD counts as the product and has a note, too: what the margin hides."""
    table = drawn(seeds=9, recovered=0.0, effects=(0.02, -0.25, -0.1, -0.2))
    gone = (table["task"] == "rte") & (table["arch"] == "mini") & table["recipe"].isin(["ft-mp60-int8", "ft-mp60"])
    found = claims(study(table[~gone]), PAPER).set_index("claim")
    assert "margin" in found.loc["QAT+KD gives no diminishing returns", "note"]
    rarely = found.loc["combining rarely gives diminishing returns"]
    assert rarely["at_equal_score"] == "can't tell"
    assert rarely["note"].startswith("rte lacks mini/ft-mp60")
    assert "margin" not in rarely["note"]


def test_an_order_of_priority_needs_each_of_its_steps():
    table = claims(study(in_glue_unlike(MULTIPLICATIVE)), PAPER).set_index("claim")
    assert table.loc["QAT gives more than KD", "ours"] == pytest.approx(4 / 2, rel=0.01)
    order = table.loc["the order of priority is QAT, KD, MP"]
    assert (order["ours"], order["under_the_rule"]) == (pytest.approx(1, rel=0.01), "can't tell")  # KD and MP tie


def test_the_interval_of_a_share_is_one_of_shares():
    in_one_task = pd.concat([results(DIMINISHING, tasks=["a"]), results(MULTIPLICATIVE, tasks=["b", "c", "d"])])
    found = claims(study(in_one_task), PAPER).set_index("claim").loc["combining rarely gives diminishing returns"]
    assert 0 <= found["low"] < found["ours"] < found["high"] <= 1


def test_claims_agree_with_the_interactions():
    papers = study(PAPER.results())
    of_claims = claims(papers, PAPER).set_index("claim")["ours"]
    pooled = row(interaction(papers), arch=POOLED, combination="KD+MP")["ratio"]
    assert of_claims["KD+MP gives no diminishing returns"] == pytest.approx(pooled)


def test_claims_about_a_missing_method_can_not_be_told_and_the_others_can():
    table = claims(study(in_glue_unlike(names=["ft", "ft-int8", "ft-mp50", "ft-mp50-int8"])), PAPER).set_index("claim")
    assert table.loc["KD gives more than MP", ["under_the_rule", "note"]].tolist() == ["can't tell", "no model of KD"]
    assert table.loc["QAT+MP gives diminishing returns", "under_the_rule"] == "not supported"


def test_a_missing_reference_is_named(tmp_path):
    with pytest.raises(UserError, match=r"table1\.csv holds no published numbers .* git checkout .*table1"):
        read_paper(tmp_path)


@pytest.mark.parametrize(("file", "cell"), [("table1.csv", "3.6"), ("figure1.csv", "87.4"), ("figure1.csv", "0.03")])
def test_a_reference_with_text_among_its_numbers_is_named(tmp_path, file, cell):
    shutil.copytree(REFERENCE, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text()
    assert f",{cell}" in text
    (tmp_path / file).write_text(text.replace(f",{cell}", ",n/a", 1))
    with pytest.raises(
        UserError, match=rf"{file}: \w+ must hold numbers alone; restore it: cd .* && git checkout {file}"
    ):
        read_paper(tmp_path)
