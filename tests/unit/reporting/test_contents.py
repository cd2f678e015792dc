import pytest

from multipress.analysis import prediction_tables
from multipress.analysis import tables as analysis
from multipress.evaluation import tables as evaluation
from multipress.reporting.contents import FIGURES, figures_of, headings, pages
from tests.runs import ROOT

SHOWN = [*FIGURES, *pages(with_latency=True)]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.caption)
def test_every_figure_and_page_has_a_caption_of_its_own(shown):
    assert (ROOT / "report" / shown.caption).is_file()
    assert [other.caption for other in SHOWN].count(shown.caption) == 1


def test_no_caption_is_left_over():
    captions = {file.name for file in (ROOT / "report").glob("*.rst")} - {"workflow.rst"}
    assert captions == {shown.caption for shown in SHOWN}


def test_every_table_of_the_lists_stands_on_one_page():
    on_pages = [table.name for page in pages(with_latency=True) for table in page.tables]
    listed = [*analysis.TABLES, *prediction_tables.TABLES, *evaluation.TABLES]
    assert sorted(on_pages) == sorted(table.name for table in listed)


def test_the_page_of_latencies_is_shown_where_they_were_measured():
    with_latency, without = (headings(pages(measured)) for measured in (True, False))
    assert set(with_latency) - set(without) == {"latency"}
    assert [name for _, name in without["models"]] == ["flags", "summary", "results"]
    assert without["models"][1] == ("Means over tasks", "summary")
    assert without["table1"][0] == ("Times smaller within the tolerance, mean over tasks", "table1")


def test_each_figure_is_drawn_by_the_rule_that_the_list_names():
    assert [figure.name for figure in figures_of("plot_training")] == ["training_loss", "training_score"]
    assert {figure.rule for figure in FIGURES} == {
        "plot",
        "plot_analysis",
        "plot_changes",
        "plot_training",
        "plot_latency",
    }
