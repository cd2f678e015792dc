import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from multipress.analysis.paper import PAPER_METHODS, read_paper
from multipress.compression.recipes import bits, cross, sparsity, subset
from multipress.core.errors import UserError
from multipress.evaluation.results_table import summarize, write_table
from multipress.evaluation.tables import RESULTS
from multipress.reporting.figures.size import figure1, per_task
from multipress.reporting.figures.style import legend_order, save

FILES = [
    f"{figure}.{suffix}"
    for figure in ("compute", "figure1", "file_size", "per_task")
    for suffix in ("pdf", "png", "svg")
]
SUBSETS = ["none", *PAPER_METHODS]
PARAMETERS = {"large": 30e6, "small": 3e6}


def results(tasks=("cola", "stsb"), seeds=(0,), data="hub", spread=10.0):
    """A row for each model of the eight subsets; the score falls by ``spread`` from the largest to the smallest."""
    rows = []
    for task in tasks:
        for arch, parameters in PARAMETERS.items():
            for number, recipe in enumerate(cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]])):
                for seed in seeds:
                    size = parameters * (1 - sparsity(recipe) / 2) * bits(recipe) / 8e6
                    score = 80 + spread * (np.log10(size) - 2) / 2 + number / 100 + seed
                    rows.append((task, arch, recipe, subset(recipe), seed, data, "accuracy", score, parameters, size))
    columns = ["task", "arch", "recipe", "subset", "seed", "data", "metric", "score", "parameters", "paper_mb"]
    return pd.DataFrame(rows, columns=columns).assign(**dict.fromkeys(set(RESULTS.columns) - set(columns), 1.0))


def curves(axes):
    """The points and the look of each labelled curve."""
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_figure_1_draws_every_model_once_on_the_curve_of_its_subset():
    summary = summarize(results())
    (axes,) = figure1(summary).axes
    assert set(curves(axes)) == set(SUBSETS)
    for name, line in curves(axes).items():
        models = summary[summary["subset"] == name].sort_values("paper_mb")
        assert list(line.get_xdata()) == list(models["paper_mb"])
        assert list(line.get_ydata()) == list(models["score"])


def test_curves_differ_without_their_colours():
    (axes,) = figure1(summarize(results())).axes
    looks = {
        (line.get_marker(), line.get_linestyle(), line.get_markerfacecolor() == "white")
        for line in curves(axes).values()
    }
    assert len(looks) == len(SUBSETS)


def test_the_axis_of_sizes_is_logarithmic_and_falls_to_the_right():
    (axes,) = figure1(summarize(results())).axes
    left, right = axes.get_xlim()
    assert axes.get_xscale() == "log"
    assert left > right
    assert "MB" in axes.get_xlabel()


def test_the_uncompressed_curve_carries_the_names_of_the_architectures():
    summary = summarize(results())
    (axes,) = figure1(summary).axes
    uncompressed = summary[summary["subset"] == "none"]
    named = {text.get_text(): text.xy for text in axes.texts}
    assert named == {row.arch: (row.paper_mb, row.score) for row in uncompressed.itertuples()}


def test_a_hair_s_breadth_is_not_blown_up():
    (axes,) = figure1(summarize(results(spread=0.001))).axes
    low, high = axes.get_ylim()
    assert high - low >= 2


@pytest.mark.parametrize("data", ["synthetic", "folder+synthetic"])
def test_synthetic_data_are_named_in_every_title(data):
    table = results(data=data)
    (axes,) = figure1(summarize(table)).axes
    assert "Synthetic GLUE – not comparable with the paper" in axes.get_title()
    assert "Synthetic GLUE – not comparable with the paper" in per_task(table).get_suptitle()
    assert "ynthetic" not in per_task(results()).get_suptitle()


def test_models_without_all_tasks_are_left_out_and_the_title_counts_them():
    summary = summarize(results().drop(index=[0, 1]))
    (axes,) = figure1(summary).axes
    assert "left out for want of a task: 2" in axes.get_title()
    assert sum(len(line.get_xdata()) for line in curves(axes).values()) == len(summary) - 2


def test_nothing_to_draw_is_an_error_that_says_so():
    summary = summarize(results()).assign(score=np.nan)
    with pytest.raises(UserError, match="no model has a score on every task"):
        figure1(summary)


def test_bands_show_the_deviation_over_seeds_and_only_then():
    once, thrice = (figure1(summarize(results(seeds=seeds))) for seeds in ([0], [0, 1, 2]))
    assert not once.axes[0].collections
    assert len(thrice.axes[0].collections) == len(SUBSETS)
    none = summarize(results(seeds=[0, 1, 2])).query("subset == 'none'")
    band = thrice.axes[0].collections[legend_order(SUBSETS).index("none")].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx((none["score"] - none["score_std"]).min())
    assert band[:, 1].max() == pytest.approx((none["score"] + none["score_std"]).max())
    assert thrice.legends[0].get_title().get_text() == "Bands: ± one standard deviation over seeds, n = 3"


def test_the_paper_s_points_lie_where_it_has_them_and_are_named_once():
    published = read_paper().figure1
    (axes,) = figure1(summarize(results()), published).axes
    points = {(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1}
    assert points == set(zip(published["size_mb"], published["score"], strict=True))
    assert set(curves(axes)) == set(SUBSETS)
    assert axes.figure.legends[0].get_title().get_text().startswith("Faint points: as published")


def test_every_task_has_a_panel_with_its_mean_over_seeds():
    table = results(tasks=("a", "b", "c", "d", "e"), seeds=(0, 2))
    panels = per_task(table).axes
    assert [axes.get_title() for axes in panels] == ["a", "b", "c", "d", "e"]
    uncompressed = table[(table["task"] == "e") & (table["recipe"] == "ft")].sort_values("paper_mb")
    expected = uncompressed.groupby("arch", sort=False)["score"].mean()
    assert list(curves(panels[-1])["none"].get_ydata()) == pytest.approx(list(expected))
    assert set(curves(panels[-1])) == {subset(recipe) for recipe in table["recipe"]}


def test_the_resolution_is_that_of_the_settings(tmp_path):
    figure = figure1(summarize(results()))
    save(figure, tmp_path / "v1.0", 50)
    height, width, _ = imread(tmp_path / "v1.0.png").shape
    assert (width, height) == tuple((figure.get_size_inches() * 50).astype(int))


def plot_by_script(folder, tables, **environment):
    paths = ["--results", str(tables / "results.csv"), "--summary", str(tables / "summary.csv")]
    return subprocess.run(
        [sys.executable, "-m", "workflow_scripts.plot", "--params", "{}", *paths, "--figures", str(folder)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_the_script_draws_the_same_bytes_whatever_the_user_s_home_holds(tmp_path):
    write_table(tmp_path / "results.csv", results())
    write_table(tmp_path / "summary.csv", summarize(results()))
    settings = tmp_path / "matplotlibrc"
    settings.write_text("font.size: 30\nlines.linewidth: 9\nfigure.dpi: 31\nsavefig.bbox: tight\n")
    first = plot_by_script(tmp_path / "first", tmp_path)
    second = plot_by_script(tmp_path / "second", tmp_path, HOME=os.devnull, MATPLOTLIBRC=str(settings), TZ="Asia/Tokyo")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == FILES
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_the_script_names_a_missing_table_in_one_line(tmp_path):
    done = plot_by_script(tmp_path / "figures", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"plot: error: {tmp_path}/summary.csv is missing; rerun the rule tabulate\n"
