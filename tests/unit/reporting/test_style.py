import numpy as np
import pytest
from matplotlib.figure import Figure

from multipress.analysis.paper import PAPER_METHODS
from multipress.reporting.figures.style import legend_order, save, style, subset_styles

PAPER = ["none", *PAPER_METHODS]
FURTHER = ["LR", "SVD", "KD+LR", "QAT+LR", "QAT+KD+LR+SVD+MP", "KD+LR+SVD+MP", "PTQ", "PTQ+KD", "FKD+LR+MP"]


@style()
def labelled_figure():
    """A figure that only a layout makes legible."""
    figure = Figure(figsize=(4, 3), layout="constrained")
    for number, axes in enumerate(figure.subplots(2, 2).flat):
        axes.plot([0, 1000 * number + 1], label="one")
        axes.set(title=f"A title\nof two lines {number}", ylabel="A label", xlabel="Another label")
    figure.legend(loc="outside lower center")
    return figure


@style()
def save_as_svg(figure, path):
    figure.savefig(path, metadata={"Date": None})


def test_a_saved_figure_is_laid_out_as_matplotlib_would_for_svg(tmp_path):
    save_as_svg(labelled_figure(), tmp_path / "expected.svg")
    save(labelled_figure(), tmp_path / "found", 100)
    assert (tmp_path / "found.svg").read_bytes() == (tmp_path / "expected.svg").read_bytes()


def test_all_formats_have_one_layout_and_a_figure_can_be_saved_again(tmp_path):
    figure = labelled_figure()
    save(figure, tmp_path / "a", 100)
    after_one = [axes.get_position().bounds for axes in figure.axes]
    save(figure, tmp_path / "b", 100)
    assert [axes.get_position().bounds for axes in figure.axes] == after_one
    assert not np.allclose(after_one, [axes.get_position().bounds for axes in labelled_figure().axes])
    for suffix in ("svg", "pdf", "png"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_the_papers_subsets_stand_in_pairs_in_the_legend():
    paired = ["none", "QAT", "KD", "QAT+KD", "MP", "QAT+MP", "KD+MP", "QAT+KD+MP"]
    assert legend_order(reversed(PAPER)) == paired
    assert legend_order(["KD", "KD", "none"]) == ["none", "KD"]


def test_unknown_subsets_have_a_place_in_the_legend():
    shown = legend_order([*PAPER, *FURTHER])
    assert sorted(shown) == sorted([*PAPER, *FURTHER])
    assert shown.index("QAT+LR") == shown.index("LR") + 1
    assert list(subset_styles([*PAPER, *FURTHER])) == shown


def test_the_papers_subsets_are_drawn_alike_whatever_else_is_there():
    alone, among = subset_styles(PAPER), subset_styles([*FURTHER, *PAPER])
    assert alone == {subset: among[subset] for subset in alone}


def test_no_two_subsets_are_drawn_alike():
    many = [*PAPER, *FURTHER, *(f"M{number}" for number in range(20))]
    assert len(set(subset_styles(many).values())) == len(many)


@pytest.mark.parametrize("subset", [*PAPER, *FURTHER])
def test_quantized_models_are_dashed_with_open_markers_and_others_are_not(subset):
    style = subset_styles([*PAPER, *FURTHER])[subset]
    is_quantized = subset.split("+")[0] in ("QAT", "PTQ")
    assert (style.line, style.face) == (("--", "white") if is_quantized else ("-", style.color))


def test_a_quantized_subset_has_the_colour_and_marker_of_the_float_one():
    styles = subset_styles([*PAPER, *FURTHER])
    for subset in ("KD", "LR", "KD+LR+SVD+MP"):
        assert styles[f"QAT+{subset}"][:2] == styles[subset][:2]
    assert styles["PTQ+KD"][:2] != styles["KD"][:2]
