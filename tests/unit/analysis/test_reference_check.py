"""The paper's own figure, asked by its rule and by its curves."""

import sys

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.additive_null import additive_null
from multipress.analysis.interaction import interaction
from multipress.analysis.paper import read_paper
from multipress.analysis.reference_check import COLUMNS, QUANTITIES, reference_check
from multipress.analysis.settings import AnalyzeSettings
from multipress.commands.reference import lines, lines_of_claims
from multipress.reporting.figures.reference import multiply
from tests import forked
from tests.runs import ROOT
from tests.unit.analysis.cases import results, row, study

FOUND = reference_check(read_paper(), AnalyzeSettings())
PRINTED = [*lines(FOUND), "", *lines_of_claims(read_paper(), FOUND, AnalyzeSettings())]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("printed", [1.16, 0.87, 1.22, 1.41]),
        ("rule", [1.42, 0.84, 1.38, 1.69]),
        ("rule_if_additive", [1.18, 1.13, 1.19, 1.42]),
        ("curves", [1.13, 0.98, 1.05, 1.19]),
        ("curves_if_additive", [1.04, 1.00, 0.88, 0.92]),
    ],
)
def test_the_papers_figure_gives_these_numbers(name, numbers):
    assert FOUND["combination"].tolist() == ["QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
    assert FOUND[name].round(2).tolist() == numbers


def test_they_are_those_of_the_analysis_tables():
    papers = study(read_paper().results())
    table = interaction(papers).query("arch == 'pooled'")
    assert FOUND["rule"].tolist() == pytest.approx(table["ratio"].tolist())
    assert FOUND["rule_if_additive"].tolist() == pytest.approx(additive_null(papers).expected[-1].tolist())


@pytest.mark.parametrize("name", QUANTITIES)
def test_readings_spread_about_the_digitized_figure(name):
    low, value, high = (FOUND[name + end] for end in ("_low", "", "_high"))
    assert (low < high).all()
    assert ((low <= value + 1e-9) & (value <= high + 1e-9)).all()


def test_a_figure_read_exactly_has_no_spread():
    paper = read_paper()
    paper.figure1["precision"] = 0.0
    found = reference_check(paper, AnalyzeSettings(draws=100))
    for name in QUANTITIES:
        np.testing.assert_allclose(found[f"{name}_low"], found[name])
        np.testing.assert_allclose(found[f"{name}_high"], found[name])


def test_the_figure_shows_each_number_in_the_row_of_its_combination():
    (axes,) = multiply(FOUND).axes
    drawn = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    assert len(drawn) == 5
    assert list(drawn["distance of curves"].get_xdata()) == FOUND["curves"].tolist()
    for line in drawn.values():
        assert np.rint(line.get_ydata()).tolist() == [0, 1, 2, 3]
    assert [label.get_text() for label in axes.get_yticklabels()] == FOUND["combination"].tolist()
    # Told apart in grey: marker or filling differs.
    assert len({(line.get_marker(), line.get_markerfacecolor() == "white") for line in drawn.values()}) == 5


def test_the_command_prints_the_table_and_writes_it_with_its_figure(tmp_path):
    command = [sys.executable, "-m", "multipress", "reference", "--output-dir", str(tmp_path / "answers")]
    done = forked.run_text(command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:-1] == PRINTED
    files = {path.name for path in (tmp_path / "answers").iterdir()}
    assert files == {f"do-they-multiply.{ending}" for ending in ("csv", "svg", "pdf", "png")}
    table = pd.read_csv(tmp_path / "answers" / "do-they-multiply.csv")
    assert table.columns.tolist() == COLUMNS
    np.testing.assert_allclose(table["curves"], FOUND["curves"], atol=1e-6)


def test_the_claims_stand_with_the_numbers_of_the_rule_and_of_the_curves():
    cells = {line[:45].strip(): line[45:].split() for line in PRINTED[-9:]}
    assert cells["QAT gives more than MP"] == ["2.70", "3.33"]
    assert cells["KD+MP gives no diminishing returns"] == ["1.22", "1.05", "1.19"]
    assert cells["QAT+MP gives diminishing returns"] == ["0.87", "0.98", "0.98"]
    assert cells["combining rarely gives diminishing returns"] == ["0.17", "0.00"]


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "answers").write_text("")
    done = forked.run_text([sys.executable, "-m", "multipress", "reference", "--output-dir", str(tmp_path / "answers")])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("multipress reference: error: ")
    assert str(tmp_path / "answers") in done.stderr


PAGE = (ROOT / "docs" / "explanation" / "do-they-multiply.md").read_text()


def test_the_page_shows_what_the_command_prints():
    shown = PAGE.split("<!-- reference: begin -->")[1].split("<!-- reference: end -->")[0]
    assert [line[4:] for line in shown.strip("\n").splitlines()] == PRINTED


def test_the_page_says_the_shares_and_what_is_left_for_interactions():
    prose = " ".join(PAGE.split())
    share = (100 * np.log(FOUND["rule_if_additive"]) / np.log(FOUND["rule"])).round().astype(int)
    assert f"{share[0]} % for QAT+KD, {share[2]} % for KD+MP and {share[3]} % for all three" in prose
    left = (FOUND["curves"] / FOUND["curves_if_additive"]).map("{:.2f}".format)
    assert f"{left[0]} for QAT+KD, {left[1]} for QAT+MP, {left[2]} for KD+MP and {left[3]} for all three" in prose
    curves, printed = FOUND["curves"].map("{:.2f}".format), FOUND["printed"].map("{:.2f}".format)
    assert f"{curves[0]}, {curves[1]}, {curves[2]} and {curves[3]}." in prose
    assert f"{min(curves)} to {max(curves)} times the product" in prose
    assert f"together shrink a model {printed[0]} times as far" in prose


def test_the_example_of_the_page_is_what_the_rule_does():
    scores = {("big", "ft"): 90.0, ("big", "ft-int8"): 89.4, ("big", "kd"): 91.0, ("big", "kd-int8"): 90.4}
    scores |= {("small", recipe): score - 2.0 for (_, recipe), score in scores.items()}
    table = results(scores, tasks=["a"], names=["ft", "ft-int8", "kd", "kd-int8"]).query("seed == 0")
    found = row(interaction(study(table)), arch="big", combination="QAT+KD")
    assert (found["observed"], found["product"]) == (4, 1)
