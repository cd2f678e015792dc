import pytest

from multipress.analysis.paper import PAPER_METHODS
from multipress.reporting.figures.style import legend_order, subset_styles

PAPER = ["none", *PAPER_METHODS]
FURTHER = ["LR", "SVD", "KD+LR", "QAT+LR", "QAT+KD+LR+SVD+MP", "KD+LR+SVD+MP", "PTQ", "PTQ+KD", "FKD+LR+MP"]


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
