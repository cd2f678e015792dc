"""The pages that are made from the code."""

import re

import pytest

from multipress.commands.verbs import VERBS
from multipress.compression.registry import methods
from multipress.core.table import Table
from multipress.documentation import column_texts, pages
from multipress.documentation.columns import ALL
from multipress.documentation.markdown import code, plain, table
from multipress.workflow.load import MODEL

REMEDY = "run python -m multipress.documentation"


def text(page):
    return (pages.FOLDER / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages.PARTS)
def test_every_page_is_what_the_code_says(page):
    assert pages.updated(page) == text(page), REMEDY


def test_every_section_verb_method_and_table_has_a_heading():
    def headings(page):
        return set(re.findall(r"^###? `?([^`\n]+)`?$", text(page), flags=re.MULTILINE))

    nested = {name for name, field in MODEL.model_fields.items() if name != "results"}
    assert nested <= headings("configuration.md")
    assert set(VERBS) <= headings("commands.md")
    assert set(methods()) <= headings("steps.md")
    assert {each.file for each in ALL} <= headings("columns.md")


def test_every_key_is_in_the_reference_with_its_bounds_and_value():
    rows = {line.split("`")[1]: line for line in text("configuration.md").splitlines() if line.startswith("| `")}
    assert "whole number from 1 to 100 | `1` |" in rows["study.teacher_tries"]
    assert "`cpu`" in rows["runtime.device"]
    assert "to be named" in rows["custom_tasks.<name>.kind"]
    assert {f"{name}.learning_rate" for name in ("finetune", "distill", "pretrain")} <= set(rows)
    assert "data.hub.repository" in rows
    assert "encoder.hub.<name>.revision" in rows


def test_no_text_is_of_a_column_that_no_table_has():
    by_name = {each.name: set(each.columns) for each in ALL}
    for name, own in column_texts.OWN.items():
        assert set(own) <= by_name[name], name
    used = {column for each in ALL for column in each.columns if column not in column_texts.OWN.get(each.name, {})}
    assert set(column_texts.SHARED) <= used


def test_a_column_without_a_text_is_told():
    unknown = Table(name="results", page="models", heading="x", columns=("colour",))
    with pytest.raises(KeyError, match="colour"):
        column_texts.text(unknown, "colour")


def test_a_table_keeps_its_cells_apart():
    cells = [code("a|b"), plain("c | <d> ``e|f`` *g*")]
    assert table(["one", "two"], [cells]).splitlines()[-1] == r"| `a\|b` | c \| &lt;d&gt; `e\|f` \*g\* |"
