"""The figure of rows lost and won shows what the table says."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.prediction_tables import CHANGES
from multipress.analysis.table_files import write
from multipress.reporting.figures.changes import lost_and_won


def changes(rows):
    """Rows of (task, arch, recipe, share lost, share won); NaN where nothing is known."""
    frame = pd.DataFrame(rows, columns=["task", "arch", "recipe", "right_to_wrong_ft", "wrong_to_right_ft"])
    churn = frame["right_to_wrong_ft"] + frame["wrong_to_right_ft"]
    return frame.assign(churn_ft=churn, n_seeds=3, note="").reindex(columns=list(CHANGES.columns))


TABLE = changes(
    [
        ("rte", "base", "ft", np.nan, np.nan),
        ("rte", "base", "kd", 0.1, 0.2),
        ("rte", "base", "ft-mp60", 0.05, 0.01),
        ("rte", "tiny", "kd", 0.04, 0.02),
        ("sst2", "base", "kd", 0.3, 0.1),
        ("sst2", "base", "ft-mp60", 0.03, 0.01),
        ("stsb", "base", "kd", np.nan, np.nan),
    ]
)


def panels(figure):
    return {axes.get_title(): axes for axes in figure.axes if axes.axison}


def bars(axes, number):
    """Widths of the bars of one kind by recipe."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    return {names[round(bar.get_y() + bar.get_height() / 2)]: bar.get_width() for bar in axes.containers[number]}


def test_bars_are_means_over_the_tasks_with_classes_in_percent():
    (axes,) = panels(lost_and_won(TABLE, {}, "Heading")).values()
    assert bars(axes, 0) == pytest.approx({"kd": -20, "ft-mp60": -4})
    assert bars(axes, 1) == pytest.approx({"kd": 15, "ft-mp60": 1})
    (net,) = [line for line in axes.lines if line.get_marker() == "D"]
    assert list(net.get_xdata()) == pytest.approx([-5, -3])


def test_an_architecture_without_a_complete_model_has_no_panel():
    assert set(panels(lost_and_won(TABLE, {}, "Heading"))) == {"base"}


def test_every_architecture_has_its_panel_in_the_order_of_the_table():
    rows = [("rte", arch, "kd", 0.1, 0.1) for arch in ("large", "base", "mini", "tiny")]
    figure = lost_and_won(changes(rows), {}, "Heading")
    assert list(panels(figure)) == ["large", "base", "mini", "tiny"]
    ((low, high),) = {axes.get_xlim() for axes in panels(figure).values()}
    assert -low == high > 10


def test_nothing_to_show_is_said():
    figure = lost_and_won(TABLE[TABLE["recipe"] == "ft"], {}, "Heading")
    assert "no task with classes" in figure.axes[0].texts[0].get_text()


def test_the_command_draws_three_files_and_says_what_is_synthetic(tmp_path):
    write(tmp_path / "changes.csv", TABLE)
    params = json.dumps({"synthetic": True})
    command = [sys.executable, "-m", "workflow_scripts.plot_changes", "--params", params]
    command += ["--changes", str(tmp_path / "changes.csv"), "--figures", str(tmp_path)]
    subprocess.run(command, check=True)
    assert {path.name for path in tmp_path.glob("changes.*")} == {
        f"changes.{end}" for end in ("csv", "svg", "pdf", "png")
    }
    svg = (tmp_path / "changes.svg").read_text()
    assert "Synthetic GLUE" in svg
    assert "mean over rte, sst2; seeds: 3" in svg
