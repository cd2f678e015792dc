import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from multipress.compression.recipes import bits, cross, subset
from multipress.core.errors import UserError
from multipress.evaluation.results_table import summarize, write_table
from multipress.evaluation.tables import LATENCY
from multipress.reporting.figures.latency import score_against_latency
from multipress.reporting.figures.size import figure1
from tests.unit.reporting.test_figures_size import PARAMETERS, SUBSETS, curves, results

RECIPES = cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]])


def latencies(batches=(1, 32), lengths=("64", "128", "task"), tasks=("cola",), runtimes=("onnxruntime", "torch")):
    """Milliseconds that grow with the model, the batch and the length; int8 halves them, and PyTorch doubles them."""
    rows = []
    for task in tasks:
        for arch, parameters in PARAMETERS.items():
            for recipe in RECIPES:
                for runtime in runtimes:
                    for batch in batches:
                        for length in lengths:
                            tokens = 20 if length == "task" else int(length)
                            ms = parameters * batch * tokens / 1e8 / (2 if bits(recipe) == 8 else 1)
                            ms *= 2 if runtime == "torch" else 1
                            model = (task, arch, recipe, 0, runtime, "cpu", 1, batch, length)
                            measured = next(other for other in RECIPES if bits(other) == bits(recipe))
                            rows.append((*model, measured, 30, ms, 1.1 * ms, 1.0, "A processor"))
    return pd.DataFrame(rows, columns=LATENCY.columns)


def test_there_is_a_panel_for_each_batch_size_and_a_line_for_each_recipe():
    figure = score_against_latency(latencies(), summarize(results()))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["One row", "Batches of 32 rows"]
    for axes in figure.axes:
        drawn = [line.get_label() for line in axes.lines if not line.get_label().startswith("_")]
        assert sorted(drawn) == sorted(subset(recipe) for recipe in RECIPES)
    assert {text.get_text() for text in figure.legends[0].get_texts()} == set(SUBSETS)


def test_points_are_scores_against_the_latency_of_the_longest_length_in_onnxruntime():
    summary = summarize(results())
    figure = score_against_latency(latencies(tasks=("cola", "rte")), summary)
    for axes, batch in zip(figure.axes, (1, 32), strict=True):
        line = curves(axes)["none"]
        expected = [parameters * batch * 128 / 1e8 for parameters in sorted(PARAMETERS.values())]
        assert list(line.get_xdata()) == pytest.approx(expected)
        dense = summary[summary["recipe"] == "ft"].sort_values("paper_mb")
        assert list(line.get_ydata()) == list(dense["score"])


def test_where_no_length_is_fixed_the_tasks_own_rows_are_drawn_and_named():
    figure = score_against_latency(latencies(lengths=("task",)), summarize(results()))
    assert "rows of the task" in figure.get_suptitle()
    assert list(curves(figure.axes[0])["none"].get_xdata()) == pytest.approx([0.6, 6.0])


def test_subsets_look_as_in_figure_1():
    summary = summarize(results())
    ours, theirs = (
        curves(figure.axes[0]) for figure in (score_against_latency(latencies(), summary), figure1(summary))
    )
    for name in SUBSETS:
        for look in ("get_marker", "get_linestyle"):
            assert getattr(ours[name], look)() == getattr(theirs[name], look)()
        assert to_hex(ours[name].get_color()) == to_hex(theirs[name].get_color())


def test_faster_is_to_the_right_and_the_architectures_are_named():
    figure = score_against_latency(latencies(), summarize(results()))
    for axes in figure.axes:
        left, right = axes.get_xlim()
        assert left > right
        assert {text.get_text() for text in axes.texts} == set(PARAMETERS)


def test_the_title_tells_the_processor_and_whether_the_data_are_synthetic():
    figure = score_against_latency(latencies(), summarize(results(data="synthetic")))
    assert "Synthetic GLUE – not comparable with the paper" in figure.get_suptitle()
    assert "onnxruntime, rows of 128 tokens, 1 thread of A processor" in figure.get_suptitle()


@pytest.mark.parametrize(
    ("measured", "summary"),
    [
        (latencies(runtimes=("torch",)), summarize(results())),
        (latencies(), summarize(results()).assign(score=np.nan)),
    ],
)
def test_nothing_to_draw_is_an_error_that_says_so(measured, summary):
    with pytest.raises(UserError, match="no model has both a latency in onnxruntime and a score"):
        score_against_latency(measured, summary)


def plot_by_script(folder, tables):
    paths = ["--latencies", str(tables / "latency.csv"), "--summary", str(tables / "summary.csv")]
    return subprocess.run(
        [sys.executable, "-m", "workflow_scripts.plot_latency", "--params", "{}", *paths, "--figures", str(folder)],
        capture_output=True,
        text=True,
    )


def test_the_script_draws_the_same_bytes_every_time(tmp_path):
    write_table(tmp_path / "latency.csv", latencies())
    write_table(tmp_path / "summary.csv", summarize(results()))
    for name in ("first", "second"):
        done = plot_by_script(tmp_path / name, tmp_path)
        assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == ["latency.pdf", "latency.png", "latency.svg"]
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_the_script_names_a_missing_table_in_one_line(tmp_path):
    done = plot_by_script(tmp_path / "figures", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"plot_latency: error: {tmp_path}/latency.csv is missing; rerun the rule that makes it\n"
