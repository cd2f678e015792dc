import json
import subprocess
import sys

import pandas as pd
import pytest

from multipress.evaluation.training_curves import PROGRESS, training_summary
from multipress.evaluation.training_histories import stage_of


def training(recipe, epochs, losses, scores, task="a", arch="big", seed="seed1"):
    """The history of one training."""
    columns = {"step": range(1, len(epochs) + 1), "epoch": epochs, "loss": losses, "dev_score": scores}
    names = {"task": task, "arch": arch, "seed": seed, "recipe": recipe}
    return pd.DataFrame(columns).astype({"loss": float, "dev_score": float}).assign(**names)


def at(table, column):
    """A column by percent of a training."""
    return dict(zip(table["progress"], table[column], strict=True))


def test_every_stage_that_occurs_has_its_columns_and_every_twentieth_a_row():
    both = [training("ft-l2", [1, 2], [3, 1], [50, 70]), training("ft", [1, 2], [3, 1], [50, 70])]
    table = training_summary(pd.concat(both, ignore_index=True))
    assert table["progress"].tolist() == list(range(0, 101, 5)) == list(PROGRESS)
    stages = ("finetune", "reduce_layers")
    assert list(table) == ["progress", *[f"{stage}_{what}" for stage in stages for what in ("loss", "dev_score")]]


def test_a_curve_is_linear_between_its_rows_and_level_outside():
    table = training_summary(training("kd-mp60", [1, 2, 4], [8, 4, 0], [None, 60, 80]))
    losses, scores = at(table, "prune_loss"), at(table, "prune_dev_score")
    assert [losses[percent] for percent in (0, 25, 40, 50, 75, 100)] == pytest.approx([8, 8, 5.6, 4, 2, 0])
    assert [scores[percent] for percent in (0, 50, 75, 100)] == pytest.approx([60, 60, 70, 80])


def test_trainings_of_any_length_count_alike():
    """One of 100 epochs and one of half an epoch, of another task, architecture, seed and lineage."""
    long = training("ft-int8", list(range(1, 101)), list(range(1, 101)), [None] * 99 + [90])
    short = training("kd-mp60-int8", [0.25, 0.5], [10, 20], [40, 60], "b", "small", "seed2")
    table = training_summary(pd.concat([long, short], ignore_index=True))
    assert at(table, "quantize_loss")[100] == pytest.approx((100 + 20) / 2)
    assert at(table, "quantize_loss")[75] == pytest.approx((75 + 15) / 2)
    assert at(table, "quantize_dev_score")[75] == pytest.approx((90 + 50) / 2)


def test_a_training_without_dev_scores_is_left_out_of_their_mean_alone():
    without = training("kd", [1, 2], [1, 1], [None, None], seed="seed2")
    table = training_summary(pd.concat([training("kd", [1, 2], [3, 3], [70, 70]), without]))
    assert set(table["distill_dev_score"]) == {70}
    assert set(table["distill_loss"]) == {2}


@pytest.mark.parametrize(
    ("recipe", "stage"), [("ft", "finetune"), ("kd", "distill"), ("ft-mp60", "prune"), ("kd-mp60-int8", "quantize")]
)
def test_the_last_step_of_a_recipe_is_its_stage(recipe, stage):
    assert stage_of(recipe) == stage


def test_the_script_writes_the_means_beside_the_figures(tmp_path):
    file = tmp_path / "a/big/seed1/ft.csv"
    file.parent.mkdir(parents=True)
    file.write_text("step,epoch,loss,dev_score\n1,1,3.0,\n2,2,1.0,70.0\n")
    params = json.dumps({"settings": {"dots_per_inch": 50}, "architectures": ["big"]})
    command = [sys.executable, "-m", "workflow_scripts.plot_training", "--params", params, "--histories", str(file)]
    outputs = ["--figures", str(tmp_path / "figures"), "--summary", str(tmp_path / "tables" / "training.csv")]
    done = subprocess.run(command + outputs, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "tables" / "training.csv").read_text().splitlines()
    assert len(lines) == 1 + 21
    assert lines[0] == "progress,finetune_loss,finetune_dev_score"
    assert (lines[1], lines[16]) == ("0,3.0,70.0", "75,2.0,70.0")
