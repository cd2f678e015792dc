import pandas as pd
import pytest

from multipress.evaluation.tables import EXITS
from multipress.reporting.figures.exits import score_and_layers


def curves(tasks=("cola", "rte"), recipes=("ft-ee", "ft-int8-ee"), seeds=(1, 2)):
    """Scores that fall with the layers, by one point less for each seed."""
    rows = [
        (task, "mini", recipe, seed, "entropy", threshold, 4, 4 - number, 4 - number, 80.0 - number**2 - seed)
        for task in tasks
        for recipe in recipes
        for seed in seeds
        for number, threshold in enumerate((-1.0, 0.1, 0.2, 0.3))
    ]
    return pd.DataFrame(rows, columns=EXITS.columns)


def own(exits):
    """The models with their second threshold."""
    return exits.groupby(["task", "arch", "recipe", "seed"], as_index=False).nth(1)


def test_a_line_joins_the_thresholds_of_a_model_and_a_marker_shows_its_own():
    exits = curves()
    figure = score_and_layers(exits, own(exits), "heading")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["cola", "rte"]
    for axes in figure.axes:
        lines = [line for line in axes.lines if line.get_linestyle() == "-"]
        markers = [line for line in axes.lines if line.get_linestyle() != "-"]
        assert len(lines) == len(markers) == 4
        assert list(lines[0].get_xdata()) == [4, 3, 2, 1]
        assert list(lines[0].get_ydata()) == [79, 78, 75, 70]
        assert [(list(each.get_xdata()), list(each.get_ydata())) for each in markers[:2]] == [([3], [78]), ([3], [77])]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["mini ft-ee", "mini ft-int8-ee"]


@pytest.mark.parametrize("recipes", [("ft-ee",), ("ft-ee", "ft-int8-ee", "kd-ee")])
def test_models_differ_in_colour_and_marker(recipes):
    exits = curves(recipes=recipes, seeds=(1,))
    lines = [line for line in score_and_layers(exits, own(exits), "").axes[0].lines if line.get_linestyle() == "-"]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == len(recipes)
    assert len({line.get_marker() for line in lines}) == len(recipes)


def test_without_models_the_figure_says_so():
    figure = score_and_layers(curves().iloc[:0], own(curves()), "heading")
    assert figure.axes[0].texts[0].get_text() == "no model has exits"
