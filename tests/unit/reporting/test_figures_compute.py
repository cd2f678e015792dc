import numpy as np
import pandas as pd

from multipress.reporting.figures.compute import score_and_compute

MODELS = {
    # recipe: subset, rows × parameters in 10^9, score
    "ft": ("none", 1, 70.0),
    "ft-mp60": ("MP", 2, 72.0),
    "ft-mp0": ("mp0", 2, 73.0),
    "kd": ("KD", 4, 75.0),
    "kd-int8": ("QAT+KD", 5, 74.0),
    "ftl": ("ftl", 4, 71.0),
    "kd-int8t": ("KD+int8t", 5, 74.5),
    "mine-int8": ("QAT+mine", 6, 75.0),
}
CONTROLS = {"ft-mp0", "ftl", "kd-int8t"}


def results():
    rows = [
        (task, "small", recipe, subset, seed, score + seed + shift, compute * 1e9 * (1 + shift / 10))
        for task, shift in (("a", -1), ("b", 1))
        for seed in (1, 2)
        for recipe, (subset, compute, score) in MODELS.items()
    ]
    columns = ["task", "arch", "recipe", "subset", "seed", "score", "compute"]
    return pd.DataFrame(rows, columns=columns)


def drawn(figure):
    """The points of each label, by its legend."""
    axes = figure.axes[0]
    lines = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    return {label: set(zip(line.get_xdata().round(9), line.get_ydata(), strict=True)) for label, line in lines.items()}


def test_every_model_stands_at_its_means_and_controls_are_marked():
    found = drawn(score_and_compute(results(), "A heading"))
    expected = {}
    for recipe, (subset, compute, score) in MODELS.items():
        expected.setdefault("controls" if recipe in CONTROLS else subset, set()).add((float(compute), score + 1.5))
    assert found == expected


def test_the_front_is_what_nothing_beats_at_as_little_compute():
    figure = score_and_compute(results(), "A heading")
    (line,) = [line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert [*zip(line.get_xdata(), line.get_ydata(), strict=True)] == [(1, 71.5), (2, 74.5), (4, 76.5)]
    (text,) = [text.get_text() for text in figure.axes[1].texts]
    assert [row.split()[1] for row in text.splitlines()[1:]] == ["small/ft", "small/ft-mp0", "small/kd"]
    label = figure.axes[0].get_xlabel()
    assert label.startswith("Training compute in 10⁹ rows × parameters")


def test_models_without_a_seed_or_without_their_compute_are_left_out_and_counted():
    table = results()
    table = table[(table["recipe"] != "kd") | (table["seed"] == 1)]
    table.loc[(table["recipe"] == "ftl") & (table["task"] == "a"), "compute"] = np.nan
    figure = score_and_compute(table, "A heading")
    assert figure.get_suptitle() == "A heading\n(models left out for want of a task: 2)"
    found = drawn(figure)
    assert "KD" not in found
    assert len(found["controls"]) == 2


def test_results_that_do_not_say_how_long_they_trained_say_so_in_the_figure():
    (axes,) = score_and_compute(results().assign(compute=np.nan), "A heading").axes
    (text,) = axes.texts
    assert text.get_text() == "no model says how long it was trained"
