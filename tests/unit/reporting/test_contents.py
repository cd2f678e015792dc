import pytest

from multipress.analysis import prediction_tables, survey_tables
from multipress.analysis import tables as analysis
from multipress.dissection import tables as dissection
from multipress.dissection.probes import tables as probes
from multipress.evaluation import tables as evaluation
from multipress.reporting.contents import (
    CATEGORIES,
    FIGURES,
    PARTS,
    figures_of,
    first_columns,
    headings,
    is_shown,
    numbered,
    pages,
)
from tests.runs import ROOT

ALL_PAGES = pages(PARTS)
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


def test_every_report_shows_the_pages_of_no_part():
    shown = headings(pages([]))
    assert [name for _, name in shown["models"]] == ["flags", "summary", "results"]
    assert shown["models"][1] == ("Means over tasks", "summary")
    assert shown["table1"][0] == ("Times smaller within the tolerance, mean over tasks", "table1")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_shown_where_a_study_has_it(part):
    added = set(headings(pages([part]))) - set(headings(pages([])))
    on_page = {table.name for page in pages([part]) if page.name in added for table in page.tables}
    assert on_page == {table.name for table in PARTS[part].tables}
    drawn = {figure.name for figure in FIGURES if figure.part == part}
    for rule in {figure.rule for figure in FIGURES}:
        with_part, without = ({figure.name for figure in figures_of(rule, parts)} for parts in ([part], []))
        assert with_part - without <= drawn
        drawn -= with_part
    assert not drawn


def test_each_figure_is_drawn_by_the_rule_that_the_list_names():
    assert [figure.name for figure in figures_of("plot_training", [])] == ["training_loss", "training_score"]
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
    shown = [*FIGURES, *pages([], only_own=True)]
    own = {each.name for each in shown if is_shown(each, only_own=True)}
    assert not own & {"figure1", "curves", "scorecard", "interaction", "table1", "paper"}
    assert {"file_size", "per_task", "pareto", "models", "ranking", "changes"} <= own
    assert all(is_shown(shown, only_own=False) for shown in SHOWN)
    assert numbered("Score and size", []) == "2. Score and size"
    assert numbered("Score and size", [], only_own=True) == "1. Score and size"


def test_categories_have_the_numbers_of_those_that_are_shown():
    assert [numbered(name, PARTS)[0] for name in CATEGORIES] == list("123456789")
    assert numbered("Every model", []) == "8. Every model"
    for part in ("latency", "exits"):
        assert numbered("Latency", [part], only_own=True) == "6. Latency"
        assert numbered("Every model", [part], only_own=True) == "7. Every model"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_a_page_shows_first_are_columns_of_the_table_with_its_verdict(table):
    first = first_columns()[table.name]
    assert set(first) <= set(table.columns)
    assert len(set(first)) == len(first)
    if "verdict" in table.columns:
        assert "verdict" in first[:11]
