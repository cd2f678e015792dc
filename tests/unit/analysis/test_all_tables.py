import pandas as pd
import pytest

from multipress.analysis.all_tables import all_tables
from multipress.analysis.results_file import read_results
from multipress.analysis.settings import AnalyzeSettings
from multipress.core.errors import UserError
from tests.unit.analysis.cases import MULTIPLICATIVE, in_glue, results, row, unlike

SETTINGS = AnalyzeSettings(draws=100)


def test_known_numbers_come_without_a_file():
    tables = all_tables(results(MULTIPLICATIVE), SETTINGS)
    assert row(tables["table1"], arch="big")["QAT+KD+MP"] == 32
    pooled = row(tables["interaction"], arch="pooled", combination="QAT+KD")
    assert (pooled["ratio"], pooled["n_tasks"]) == (pytest.approx(1), 4)


def test_results_are_left_as_they_were_and_give_the_same_again():
    table = results(MULTIPLICATIVE).assign(packed_mb=lambda rows: rows["paper_mb"])
    before = table.copy()
    first, second = all_tables(table, SETTINGS), all_tables(table, SETTINGS)
    pd.testing.assert_frame_equal(table, before)
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name])


def test_a_size_that_no_model_has_gives_no_table():
    table = results(MULTIPLICATIVE).assign(packed_mb=lambda rows: 2 * rows["paper_mb"], deployed_mb=float("nan"))
    tables = all_tables(table, SETTINGS)
    assert "table1_packed" in tables
    assert "table1_deployed" not in tables
    assert tables["table1_packed"]["size_mb"].tolist() == [240, 60]


def test_baselines_and_other_architectures_are_left_out():
    table = results(MULTIPLICATIVE, names=["ft", "kd", "ft-int8", "ft-int16"])
    tables = all_tables(table, SETTINGS, baselines=["ft-int16"], architectures=["small"])
    assert set(tables["pareto"]["recipe"]) == {"ft", "kd", "ft-int8"}
    assert tables["table1"]["arch"].tolist() == ["small"]
    with pytest.raises(UserError, match="no architecture huge"):
        all_tables(table, SETTINGS, architectures=["huge"])


def test_synthetic_results_are_not_held_to_the_papers():
    table = results(MULTIPLICATIVE).replace({"arch": {"big": "base", "small": "mini"}})
    ours, made_up = (
        all_tables(table, SETTINGS, synthetic=synthetic)["paper_comparison"] for synthetic in (False, True)
    )
    assert not ours.equals(made_up)


def test_other_metrics_than_the_papers_are_not_held_to_its_numbers():
    table = in_glue(unlike(MULTIPLICATIVE, tasks="abcdefgh")).assign(metric="accuracy")
    table.loc[table["task"] == "stsb", "metric"] = "pearson"
    table = table.replace({"arch": {"big": "base", "small": "mini"}})
    ours = all_tables(table, SETTINGS)["paper_comparison"]
    assert ours["ours"].notna().any()
    table.loc[table["task"] == "mrpc", "metric"] = "f1"
    other = all_tables(table, SETTINGS)["paper_comparison"]
    assert other["ours"].isna().all()
    assert other["note"].eq("the paper's scores are by other metrics than f1 of mrpc").all()


@pytest.mark.parametrize(("of_first", "is_judged"), [("hub", True), ("synthetic", False)])
def test_what_is_synthetic_is_known_by_its_row(of_first, is_judged):
    table = in_glue(unlike(MULTIPLICATIVE, tasks="abcdefgh")).assign(data="hub")
    table.loc[table["task"] == table["task"].iloc[0], "data"] = of_first
    tables = all_tables(table, SETTINGS)
    assert tables["claims"]["under_the_rule"].notna().all() == is_judged
    assert tables["claims"]["note"].eq("not judged: the data are synthetic").all() != is_judged
    assert tables["paper_comparison"]["note"].eq("the data are synthetic").all() != is_judged


def test_the_papers_numbers_are_read_from_the_folder(tmp_path):
    with pytest.raises(UserError, match=r"table1\.csv holds no published numbers"):
        all_tables(results(), SETTINGS, reference=tmp_path)


def test_a_file_that_was_read_answers_as_the_table_does(tmp_path):
    results(MULTIPLICATIVE).to_csv(tmp_path / "results.csv", index=False)
    read = all_tables(read_results(tmp_path / "results.csv"), SETTINGS)
    for name, frame in all_tables(results(MULTIPLICATIVE), SETTINGS).items():
        pd.testing.assert_frame_equal(frame, read[name])
