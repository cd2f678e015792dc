"""The figure of families: a mark for each model, hollow for published ones."""

import numpy as np

from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.survey.both_tables import survey_tables
from multipress.analysis.survey.families import MEASURED
from multipress.reporting.figures.families import families_figure
from tests.unit.analysis.survey.test_survey_tables import latencies, results


def drawn(measured=None, **options):
    table = survey_tables(results(), measured, AnalyzeSettings(draws=200), **options)[0]
    return table, families_figure(table, "heading")


def marks(axes, hollow):
    lines = [line for line in axes.lines if line.get_marker() in "oD"]
    chosen = [line for line in lines if (line.get_markerfacecolor() == "white") == hollow]
    return sorted((float(x), float(y)) for line in chosen for x, y in line.get_xydata())


def test_every_compressed_model_has_its_mark_in_each_panel():
    table, figure = drawn(latencies())
    compressed = table[(table["family"] != "none") & table["change"].notna()]
    for axes, column in zip(figure.axes, ("percent", "file_percent", "speedup_cpu"), strict=True):
        for hollow in (False, True):
            wanted = compressed[(compressed["source"] != MEASURED) == hollow].dropna(subset=[column])
            expected = sorted(zip(wanted[column].astype(float), wanted["change"].astype(float), strict=True))
            assert np.allclose(marks(axes, hollow), expected) if expected else not marks(axes, hollow)


def test_the_legend_names_each_family_once_and_what_is_hollow():
    _, figure = drawn(latencies())
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(names) == len(set(names))
    assert {"quantization", "structured pruning", "several families", "as published of BERT-base"} <= set(names)
    _, own = drawn(with_published=False)
    assert "as published of BERT-base" not in [text.get_text() for text in own.legends[0].get_texts()]


def test_without_latencies_the_panel_of_speed_says_so():
    _, figure = drawn(with_published=False)
    assert [text.get_text() for text in figure.axes[2].texts] == ["none was measured"]


def test_without_compressed_models_the_figure_says_so():
    table, _ = drawn(with_published=False)
    figure = families_figure(table[table["recipe"] == "ft"], "heading")
    assert figure.axes[0].texts[0].get_text().startswith("no compressed model")
