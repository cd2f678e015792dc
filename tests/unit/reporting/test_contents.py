import pytest

from multipress.analysis import prediction_tables, survey_tables
from multipress.analysis import tables as analysis
from multipress.dissection import tables as dissection
from multipress.dissection.probes import tables as probes
from multipress.evaluation import tables as evaluation
from multipress.reporting.contents import (
    CATEGORIES,
    FIGURES,
    figures_of,
    first_columns,
    headings,
    is_shown,
    numbered,
    pages,
)
from tests.runs import ROOT

ALL_PAGES = pages(with_latency=True, with_exits=True, with_floors=True, with_dissection=True, with_probes=True)
SHOWN = [*FIGURES, *ALL_PAGES]
TABLES = [
    *analysis.TABLES,
    *prediction_tables.TABLES,
    prediction_tables.LOST_ROWS,
    *survey_tables.TABLES,
    *evaluation.TABLES,
    *dissection.TABLES,
    *probes.TABLES,
]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.caption)
def test_every_figure_and_page_has_a_caption_of_its_own(shown):
    assert (ROOT / "report" / shown.caption).is_file()
    assert [other.caption for other in SHOWN].count(shown.caption) == 1


def test_no_caption_is_left_over():
    captions = {file.name for file in (ROOT / "report").glob("*.rst")} - {"workflow.rst", "own.rst"}
    assert captions == {shown.caption for shown in SHOWN}


def test_every_table_of_the_lists_stands_on_one_page():
    on_pages = [table.name for page in ALL_PAGES for table in page.tables]
    assert sorted(on_pages) == sorted(table.name for table in TABLES)


def test_the_page_of_latencies_is_shown_where_they_were_measured():
    with_latency, without = (headings(pages(measured)) for measured in (True, False))
    assert set(with_latency) - set(without) == {"latency"}
    assert set(headings(ALL_PAGES)) - set(with_latency) == {"exits", "floors", "dissection", "probes", "lost_rows"}
    assert [name for _, name in without["models"]] == ["flags", "summary", "results"]
    assert without["models"][1] == ("Means over tasks", "summary")
    assert without["table1"][0] == ("Times smaller within the tolerance, mean over tasks", "table1")


def test_exits_are_shown_where_there_are_any():
    assert {page.name for page in pages(True, with_exits=True)} - {page.name for page in pages(True)} == {"exits"}
    figures = [{figure.name for figure in figures_of("plot", with_exits)} for with_exits in (True, False)]
    assert figures[0] - figures[1] == {"exits"}


def test_each_figure_is_drawn_by_the_rule_that_the_list_names():
    assert [figure.name for figure in figures_of("plot_training")] == ["training_loss", "training_score"]
    assert {figure.rule for figure in FIGURES} == {
        "compare_families",
        "plot",
        "plot_analysis",
        "plot_changes",
        "plot_dissection",
        "plot_probes",
        "plot_training",
        "plot_latency",
    }


def test_a_report_of_own_tasks_asks_none_of_the_papers_questions():
    shown = [*FIGURES, *pages(with_latency=False, only_own=True)]
    own = {each.name for each in shown if is_shown(each, only_own=True)}
    assert not own & {"figure1", "curves", "scorecard", "interaction", "table1", "paper"}
    assert {"file_size", "per_task", "pareto", "models", "ranking", "changes"} <= own
    assert all(is_shown(shown, only_own=False) for shown in SHOWN)
    assert numbered("Score and size", only_own=False) == "2. Score and size"
    assert numbered("Score and size", only_own=True) == "1. Score and size"
    assert numbered("Every model", only_own=True, with_latency=False) == "6. Every model"
    assert numbered("Latency", only_own=True, with_latency=False) == "6. Latency"
    assert [numbered(name, only_own=False)[0] for name in CATEGORIES] == list("123456789")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_a_page_shows_first_are_columns_of_the_table_with_its_verdict(table):
    first = first_columns()[table.name]
    assert set(first) <= set(table.columns)
    assert len(set(first)) == len(first)
    if "verdict" in table.columns:
        assert "verdict" in first[:11]
