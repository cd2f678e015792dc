import numpy as np
import pytest
from scipy.stats import binom

from multipress.analysis import table_files
from multipress.analysis.flag_warnings import warnings
from multipress.analysis.flags import ERRORS, flags, guessing_error, tells_majority
from multipress.analysis.table1 import per_task
from tests.unit.analysis.cases import MULTIPLICATIVE, results, row, study, without

NAMES = ["ft", "kd", "ft-int8"]
LIMIT = 60 + 2 * 100 * np.sqrt(0.6 * 0.4 / 400)
"""Of a score on 400 rows, 240 of which have one label."""


def judged(table, majority=60.0, rows=400):
    """The flags of results that say what one answer to all rows scores."""
    table = table.assign(score_majority=majority, rows=rows)
    return flags(study(table), table)


def scored(score, table=None, **cells):
    """Results with this score for the models that have all of these values."""
    table = results(names=NAMES) if table is None else table
    chosen = np.all([table[column] == value for column, value in cells.items()], axis=0)
    return table.assign(score=table["score"].where(~chosen, score))


def models(found):
    return list(found[["task", "arch", "recipe", "seed", "flag"]].fillna(-1).itertuples(index=False, name=None))


def test_models_that_learnt_in_order_of_size_have_no_flag():
    assert judged(results(names=NAMES)).empty


@pytest.mark.parametrize(("score", "is_flagged"), [(60, True), (40, True), (LIMIT, True), (LIMIT + 0.01, False)])
def test_a_score_within_two_errors_of_one_answer_to_all_rows_is_not_learnt(score, is_flagged):
    found = judged(scored(score, task="b", arch="small", recipe="kd", seed=1))
    assert models(found) == [("b", "small", "kd", 1, "not_learnt")] * is_flagged
    if is_flagged:
        assert found["limit"].item() == pytest.approx(LIMIT)
        assert found["note"].item() == "one answer to all 400 rows scores 60"


def test_a_correlation_is_held_to_that_of_unrelated_numbers():
    low = scored(9.9, task="b", arch="small", recipe="kd", seed=1)
    assert models(judged(low, majority=0.0)) == [("b", "small", "kd", 1, "not_learnt")]
    assert judged(low, majority=0.0, rows=441).empty  # two errors are 9.5 points


@pytest.mark.parametrize(("share", "rows"), [(0.5, 277), (0.69, 1043), (0.9, 100)])
def test_who_guesses_is_rarely_taken_for_one_who_has_learnt(share, rows):
    error = guessing_error(np.array([100 * share]), np.array([rows])).item()
    assert binom.sf(rows * (share + ERRORS * error / 100), rows, share) < 0.035
    assert binom.sf(rows * (share + 0.8 * error / 100), rows, share) > 0.1


def test_results_without_the_score_of_one_answer_say_nothing_of_learning():
    table = scored(0.1, task="b", recipe="kd")
    assert flags(study(table), table).empty
    assert not tells_majority(table)
    assert not tells_majority(table.assign(score_majority=np.nan, rows=400))
    assert tells_majority(table.assign(score_majority=50, rows=400))


def test_a_larger_model_below_a_smaller_one_is_flagged_once_for_all_seeds():
    found = judged(scored(75, task="b", arch="big", recipe="kd"))
    assert models(found) == [("b", "big", "kd", -1, "larger_is_worse")]
    assert found[["score", "limit", "note"]].iloc[0].tolist() == [75, 80, "small scores 80"]


def test_two_errors_of_the_seeds_are_no_difference():
    # All deviate from their means by 1: the error of a mean over two seeds is 1, and that of a difference √2.
    table = results(names=NAMES)
    table["score"] += np.where(table["seed"] == 0, 1.0, -1.0)
    limit = 80 - 2 * np.sqrt(2)
    for gain, is_flagged in ((0.01, False), (-0.01, True)):
        of_model = (table["task"] == "b") & (table["arch"] == "big") & (table["recipe"] == "kd")
        found = judged(table.assign(score=table["score"] - of_model * (90 - limit - gain)))
        assert models(found) == [("b", "big", "kd", -1, "larger_is_worse")] * is_flagged


def test_with_one_seed_any_lower_score_counts_and_the_note_says_so():
    table = results(names=NAMES, seeds=[0])
    found = judged(scored(79.9, table, task="b", arch="big", recipe="kd"))
    assert found["note"].item() == "small scores 80; one seed tells nothing of noise"
    assert judged(scored(80, table, task="b", arch="big", recipe="kd")).empty


def test_missing_models_have_no_flag():
    collapsed = scored(1, task="b", arch="big", recipe="kd")
    assert models(judged(without(collapsed, task="b", arch="small", recipe="kd"))) == [
        ("b", "big", "kd", seed, "not_learnt") for seed in (0, 1)
    ]


def test_choices_at_the_ends_of_the_studied_architectures_are_marked():
    # With int8 alone, big and small stay as they are; distilled, small replaces big; mp50 fails everywhere.
    names = ["ft", "kd", "ft-int8", "ft-mp50"]
    failing = {("big", "ft-mp50"): 50.0, ("small", "ft-mp50"): 40.0}
    table = per_task(study(results(MULTIPLICATIVE | failing, names=names)))
    marks = {
        (arch, method): row(table, task="a", arch=arch, method=method)["at_end_of_curve"]
        for arch in ("big", "small")
        for method in ("QAT", "KD", "MP")
    }
    assert marks == {
        ("big", "QAT"): "largest",
        ("big", "KD"): "smallest",
        ("big", "MP"): "",
        ("small", "QAT"): "smallest",
        ("small", "KD"): "smallest",
        ("small", "MP"): "",
    }


def test_one_architecture_is_both_ends_and_what_is_missing_is_none():
    alone = results(names=NAMES)[lambda table: table["arch"] == "big"]
    table = per_task(study(without(alone, task="b", recipe="kd")))
    assert row(table, task="a", method="QAT")["at_end_of_curve"] == "only"
    assert np.isnan(row(table, task="b", method="KD")["at_end_of_curve"])


def test_warnings_count_and_name_the_models_also_when_read_again(tmp_path):
    table = scored(60, task="b", arch="big", recipe="kd", seed=1).assign(score_majority=60.0, rows=400)
    experiment = study(table)
    found, chosen = flags(experiment, table), per_task(experiment)
    # The mean of big/kd is 75, below small's 80; where seeds differ by 30, that is no difference.
    said = [
        "models that have not learnt their task, for one answer to all rows scores as much: 1 (b big/kd seed 1); "
        "see flags.csv",
        "of 16 choices of Table 1, 8 of the smallest and 7 of the largest architecture, beyond which none was studied; "
        "see table1_per_task.csv, at_end_of_curve",
    ]
    assert warnings(found, chosen) == said
    for name, made in (("flags", found), ("table1_per_task", chosen)):
        table_files.write(tmp_path / f"{name}.csv", made)
    again = [table_files.read(tmp_path / f"{name}.csv", ["task", "arch"]) for name in ("flags", "table1_per_task")]
    assert warnings(*again) == said


def test_nothing_is_said_of_results_without_flags(tmp_path):
    table_files.write(tmp_path / "flags.csv", judged(results(names=NAMES)))
    none = per_task(study(results(names=["ft"])))
    assert warnings(table_files.read(tmp_path / "flags.csv", ["flag"]), none) == []
