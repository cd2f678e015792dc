import json
import subprocess
import sys

import pandas as pd
import pytest

from multipress.compression.recipes import chains
from multipress.core.errors import UserError
from multipress.evaluation.training_histories import publish_histories, read_histories
from multipress.reporting.figures.style import save
from multipress.reporting.figures.training import LABELS, training_curves

TRAINED = chains([["ft", "kd"], ["mp40", "mp60"], ["int8"]])
ARCHS = ["big", "small"]


def histories(tasks=("a",), archs=ARCHS, seeds=(0,), names=TRAINED, rows=4):
    """Losses that fall with the epoch and differ between models; a dev score at every second row."""
    records = [
        (
            step,
            step / 2,
            10 / step + seed + place,
            None if step % 2 else step / 10 + seed / 100,
            task,
            arch,
            recipe,
            seed,
        )
        for task in tasks
        for place, arch in enumerate(archs)
        for recipe in names
        for seed in seeds
        for step in range(1, rows + 1)
    ]
    columns = ["step", "epoch", "loss", "dev_score", "task", "arch", "recipe", "seed"]
    return pd.DataFrame(records, columns=columns).assign(seed=lambda table: "seed" + table["seed"].astype(str))


def write(folder, table):
    """A file for each model, where the workflow puts it."""
    files = []
    for (task, arch, seed, recipe), rows in table.groupby(["task", "arch", "seed", "recipe"], sort=False):
        files.append(folder / task / arch / seed / f"{recipe}.csv")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        rows[["step", "epoch", "loss", "dev_score"]].to_csv(files[-1], index=False)
    return files


def test_histories_read_back_with_the_names_that_their_paths_give(tmp_path):
    table = histories(tasks=("größe", "b"), seeds=(0, 1))
    again = read_histories(write(tmp_path, table))
    columns = ["task", "arch", "seed", "recipe", "step", "epoch", "loss", "dev_score"]
    sort = ["task", "arch", "seed", "recipe", "step"]
    pd.testing.assert_frame_equal(
        again[columns].sort_values(sort, ignore_index=True),
        table[columns].sort_values(sort, ignore_index=True),
        check_dtype=False,
    )


def test_there_is_a_panel_for_each_task_and_stage():
    figure = training_curves(histories(tasks=("a", "b")), ARCHS, "loss", "A heading")
    titles = [axes.get_title() for axes in figure.axes[:4]]
    assert titles == ["finetune\nft", "distill\nkd", "prune\nft-mp60, kd-mp60", "quantize\nft-mp60-int8, kd-mp60-int8"]
    assert [axes.get_ylabel() for axes in figure.axes[::4]] == ["a\ntraining loss", "b\ntraining loss"]
    assert [axes.get_xlabel() for axes in figure.axes] == [""] * 4 + ["epochs"] * 4
    assert figure.get_suptitle() == "A heading"
    assert [len(axes.lines) for axes in figure.axes] == [2, 2, 4, 4] * 2


def test_lines_are_means_over_seeds_and_bands_span_them():
    table = histories(seeds=(0, 1, 5), archs=["big"], names=["ft"])
    figure = training_curves(table, ["big"], "loss", "")
    (axes,) = figure.axes
    (line,) = axes.lines
    assert list(line.get_xdata()) == [0.5, 1, 1.5, 2]
    assert list(line.get_ydata()) == pytest.approx([10 / step + 2 for step in (1, 2, 3, 4)])
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    for step in (1, 2, 3, 4):
        heights = corners[corners[:, 0] == step / 2][:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((10 / step, 10 / step + 5))
    assert figure.legends[0].get_title().get_text() == "Bands: range over seeds, n = 3"


def test_one_seed_has_no_band_and_the_legend_names_none():
    figure = training_curves(histories(), ARCHS, "loss", "")
    assert figure.legends[0].get_title().get_text() == ""
    assert not any(axes.collections for axes in figure.axes)


def test_what_comes_from_kd_is_dashed_and_open_and_nothing_else_is():
    figure = training_curves(histories(), ARCHS, "loss", "")
    finetune, distill, prune, _ = figure.axes
    assert {(line.get_linestyle(), line.get_markerfacecolor() == "white") for line in finetune.lines} == {("-", False)}
    assert {(line.get_linestyle(), line.get_markerfacecolor() == "white") for line in distill.lines} == {("--", True)}
    assert sorted(line.get_linestyle() for line in prune.lines) == ["-", "-", "--", "--"]
    (legend,) = figure.legends
    named = dict(zip([text.get_text() for text in legend.get_texts()], legend.legend_handles, strict=True))
    assert list(named) == [*ARCHS, "ft and from it", "kd and from it"]
    assert named["ft and from it"].get_linestyle() == "-"
    assert named["kd and from it"].get_linestyle() == "--"


@pytest.mark.parametrize("rows", [4, 200])
def test_architectures_differ_by_their_markers_as_the_legend_says(rows):
    figure = training_curves(histories(names=["ft"], rows=rows), ARCHS, "loss", "")
    handles = figure.legends[0].legend_handles[:2]
    for line, handle in zip(figure.axes[0].lines, handles, strict=True):
        assert (line.get_marker(), line.get_color()) == (handle.get_marker(), handle.get_color())
        assert 4 <= len(line.get_xdata()[:: line.get_markevery()]) <= 16
    assert len({line.get_marker() for line in figure.axes[0].lines}) == 2


def test_dev_scores_are_drawn_where_there_are_some():
    figure = training_curves(histories(names=["ft"]), ARCHS, "dev_score", "")
    for line in figure.axes[0].lines:
        assert list(line.get_xdata()) == [1, 2]
        assert list(line.get_ydata()) == pytest.approx([0.2, 0.4])
    assert figure.axes[0].get_ylabel() == "a\ndev score"


def test_a_panel_without_a_row_says_so():
    table = histories(tasks=("a", "b"), names=["ft", "kd"])
    table = table[(table["task"] != "b") | (table["recipe"] == "ft")]
    figure = training_curves(table, ARCHS, "loss", "")
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [[], [], [], ["none"]]


@pytest.mark.parametrize("names", [["ft"], ["ft", "kd"]])
def test_a_figure_of_few_panels_has_room_for_its_legend(names):
    long = "my-very-long-architecture-name-v2-uncased"
    figure = training_curves(histories(archs=[long], names=names), [long], "loss", "How the trainings went")
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


def arguments(folder, files):
    params = json.dumps({"settings": {"dots_per_inch": 50}, "architectures": ARCHS})
    outputs = ["--figures", str(folder), "--summary", str(folder.with_name("training.csv"))]
    return ["--params", params, "--histories", *map(str, files), *outputs]


def test_the_script_draws_losses_and_dev_scores_and_the_same_bytes_as_another_process(tmp_path):
    files = write(tmp_path / "logs", histories(names=["ft"], seeds=(0, 1)))
    command = [sys.executable, "-m", "workflow_scripts.plot_training", *arguments(tmp_path / "figures", files)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert names == [f"training_{what}.{kind}" for what in ("loss", "score") for kind in ("pdf", "png", "svg")]
    again = training_curves(read_histories(files), ARCHS, "loss", f"How the trainings went: {LABELS['loss']}")
    save(again, tmp_path / "again" / "training_loss", 50)
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes(), path.name


def test_published_histories_are_read_as_those_that_they_were_made_of(tmp_path):
    files = write(tmp_path, histories(tasks=("größe", "b"), seeds=(0, 1)))
    published = publish_histories(files, tmp_path / "a")
    pd.testing.assert_frame_equal(read_histories(files), read_histories([published]), check_like=True, check_exact=True)
    assert publish_histories(files, tmp_path / "b").read_bytes() == published.read_bytes()
    assert published.read_bytes()[4:8] == bytes(4), "gzip has the time of writing there"
    assert list(read_histories([published])) == ["task", "arch", "seed", "recipe", "step", "epoch", "loss", "dev_score"]


def test_the_script_names_a_missing_history_in_one_line(in_process, tmp_path):
    file = tmp_path / "a/big/seed0/ft.csv"
    message = in_process("plot_training", *arguments(tmp_path / "figures", [file]))
    assert message == f"plot_training: error: {file} is missing; rerun the training that writes it"


@pytest.mark.parametrize("name", ["ft.csv", "a/big/0/ft.csv", "a/big/seed0/table.csv"])
def test_a_file_in_another_place_is_no_history(tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("step,epoch,loss,dev_score\n")
    with pytest.raises(UserError, match=r"is no history: expected …/task/arch/seed1/recipe\.csv"):
        read_histories([file])


def test_a_history_without_a_column_is_named(tmp_path):
    file = tmp_path / "a/big/seed0/ft.csv"
    file.parent.mkdir(parents=True)
    file.write_text("step,epoch,loss\n1,1,1\n")
    with pytest.raises(UserError, match="has no column dev_score; delete it and rerun the training that writes it"):
        read_histories([file])
