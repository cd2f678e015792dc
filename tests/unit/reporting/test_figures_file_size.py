import warnings

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.extreme import read_extreme
from multipress.evaluation.results_table import write_table
from multipress.evaluation.tables import RESULTS, SUMMARY
from multipress.reporting.figures.file_size import file_size
from multipress.reporting.figures.style import save

MODELS = {
    # recipe: MB of large, score of large
    "ft": (100.0, 80.0),
    "kd": (100.0, 81.0),
    "ft-int8": (25.0, 79.5),
    "ft-ptq8": (25.0, 70.0),
    "ft-l6-ter": (4.0, 77.0),
    "ft-ter": (7.0, 78.0),
    "ft-mine": (3.5, 76.5),
    "ft-bin": (3.5, 75.0),
    "ft-mp60-int8": (12.0, 79.0),
}
VARIANTS = {"mine": "bin"}
BLACK, BLUE, ORANGE, PURPLE = "#222222", "#0173b2", "#de8f05", "#7b3294"
PUBLISHED = read_extreme()


def results(models=MODELS, archs=(("large", 1, 0), ("small", 0.6, -3))):
    """Scores differ between tasks and seeds and are those of ``MODELS`` in the mean."""
    rows = [
        (task, arch, recipe, seed, recipe, score + less + shift + seed, size * share)
        for task, shift in (("a", -1), ("b", 1))
        for arch, share, less in archs
        for seed in (-1, 1)
        for recipe, (size, score) in models.items()
    ]
    return pd.DataFrame(rows, columns=["task", "arch", "recipe", "seed", "subset", "score", "deployed_mb"])


def marks(axes):
    """Color, whether open, and the places of the marks of each line without a line."""
    return [
        (
            line.get_markerfacecolor() if line.get_markerfacecolor() != "white" else line.get_markeredgecolor(),
            line.get_markerfacecolor() == "white",
            sorted(zip(np.atleast_1d(line.get_xdata()), np.atleast_1d(line.get_ydata()), strict=True)),
        )
        for line in axes.lines
        if line.get_linestyle() == "None"
    ]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_every_unpruned_model_stands_at_its_file_s_size_and_its_change_against_the_largest_uncompressed_one():
    large = file_size(results(archs=[("large", 1, 0)]), VARIANTS, "").axes[0]
    assert marks(large) == [
        (BLACK, False, [(100, 0), (100, 1)]),
        (BLUE, False, [(25, -10), (25, -0.5)]),
        (ORANGE, False, [(7, -2)]),
        (ORANGE, True, [(4, -3)]),
        (PURPLE, False, [(3.5, -5), (3.5, -3.5)]),
    ]
    both = file_size(results(), VARIANTS, "").axes[0]
    assert marks(both)[0] == (BLACK, False, [(60, -3), (60, -2), (100, 0), (100, 1)])
    assert [(text.get_text(), text.get_position()[0]) for text in both.texts[:2]] == [("large", 100), ("small", 60)]


def test_the_front_is_joined_numbered_and_listed():
    panel, listed = file_size(results(archs=[("large", 1, 0)]), VARIANTS, "").axes[:2]
    (line,) = [line for line in panel.lines if line.get_drawstyle() == "steps-post"]
    front = [(3.5, -3.5), (4, -3), (7, -2), (25, -0.5), (100, 1)]
    assert [*zip(line.get_xdata(), line.get_ydata(), strict=True)] == front
    rows = "\n".join(texts(listed)).splitlines()
    assert [row.split()[:2] for row in rows] == [
        ["1", "large/ft-mine"],
        ["2", "large/ft-l6-ter"],
        ["3", "large/ft-ter"],
        ["4", "large/ft-int8"],
        ["5", "large/kd"],
    ]
    assert rows[1].split()[2:] == ["4", "MB", "25×", "-3.00"]
    assert {"1", "4", "5"} <= set(texts(panel))


def test_the_panels_have_one_axis_of_times_smaller():
    figure = file_size(results(), VARIANTS, "", PUBLISHED)
    ours, _, published = figure.axes
    left, right = ours.get_xlim()
    assert left > 100 > 3.5 * 0.6 > right
    assert published.get_xlim() == pytest.approx((100 / left, 100 / right))
    assert published.get_xlim()[1] > PUBLISHED["times_smaller"].max()
    (above,) = ours.child_axes
    assert above.get_xlabel() == "times smaller than large/ft"


def test_published_models_stand_at_their_change_on_mnli_with_a_bar_to_the_mean_over_all_tasks():
    axes = file_size(results(), VARIANTS, "", PUBLISHED).axes[2]
    expected = [*zip(PUBLISHED["times_smaller"], PUBLISHED["change"], strict=True)]
    assert [places[0] for _, _, places in marks(axes)] == expected
    bars = [tuple(line.get_ydata()) for line in axes.lines if line.get_linestyle() != "None"]
    longer = PUBLISHED[PUBLISHED["change"] != PUBLISHED["change_all"]]
    assert bars == [*zip(longer["change"], longer["change_all"], strict=True)]
    assert len(bars) == 11
    looks = dict(zip(PUBLISHED.index, [(color, is_open) for color, is_open, _ in marks(axes)], strict=True))
    six_layers = PUBLISHED.query("model == 'XTC' and layers == 6 and weight_bits == 1").index[0]
    assert looks[six_layers] == (PURPLE, True)


def labels(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_legends_name_what_is_drawn_and_the_bits_of_published_activations():
    weights, published = file_size(results(), VARIANTS, "", PUBLISHED).legends
    assert labels(weights) == ["float", "integer", "ternary", "binary", "open: fewer layers"]
    assert labels(published) == ["XTC (8)", "XTC rerun (8)", "BinaryBERT (4)", "BiT (4, 1)"]
    without = {"ft": MODELS["ft"], "ft-int8": MODELS["ft-int8"]}
    (alone,) = file_size(results(without), VARIANTS, "").legends
    assert labels(alone) == ["float", "integer"]


def test_models_without_a_task_are_left_out_and_counted():
    table = results()
    table = table[(table["recipe"] != "ft-bin") | (table["task"] == "a")]
    figure = file_size(table, VARIANTS, "A heading")
    assert figure.get_suptitle() == "A heading\n(models left out for want of a task: 2)"
    assert marks(figure.axes[0])[-1] == (PURPLE, False, [(2.1, -6.5), (3.5, -3.5)])


@pytest.mark.parametrize(
    ("recipes", "reason"),
    [
        (
            ["ft", "kd", "ft-mp60-int8"],
            "no model has integer, ternary or binary weights: add steps int, ptq, ter or bin",
        ),
        (["kd", "ft-int8"], "no uncompressed model (ft) has a score on every task"),
    ],
)
def test_a_study_without_such_models_says_why_there_is_no_figure(recipes, reason):
    figure = file_size(results({recipe: MODELS[recipe] for recipe in recipes}), VARIANTS, "A heading", PUBLISHED)
    (axes,) = figure.axes
    assert " ".join(texts(axes)[0].split()) == reason
    assert figure.get_suptitle() == "A heading"


def test_a_long_front_is_cut_in_the_list():
    models = {"ft": (100.0, 80.0)} | {f"ft-l{layers}-bin": (layers / 10, 40 + layers / 2) for layers in range(1, 40)}
    rows = "\n".join(texts(file_size(results(models, [("large", 1, 0)]), {}, "").axes[1])).splitlines()
    assert len(rows) == 21
    assert rows[-1].strip() == "and 20 more on the front"


def test_it_is_drawn_without_a_warning(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(file_size(results(), VARIANTS, "", PUBLISHED), tmp_path / "file_size", 50)


def test_the_script_names_a_recipe_whose_steps_it_does_not_know(in_process, tmp_path):
    table = results().assign(data="hub", metric="accuracy")
    write_table(tmp_path / "results.csv", table.assign(**dict.fromkeys(set(RESULTS.columns) - set(table), 1.0)))
    write_table(tmp_path / "summary.csv", pd.DataFrame(columns=SUMMARY.columns))
    paths = ["--results", tmp_path / "results.csv", "--summary", tmp_path / "summary.csv", "--figures", tmp_path]
    said = in_process("plot", "--params", "{}", *paths)
    assert said.startswith(f"plot: error: {tmp_path}/results.csv: 'ft-mine' is no recipe: there is no step 'mine'")
    assert said.endswith("; name the steps that variants vary in the parameter variants")
