import numpy as np
import pandas as pd
import pytest

from benchmarks.synthetic_study import Population
from multipress.analysis.curve_verdicts import with_verdicts
from multipress.analysis.curves import Curve, common_range
from multipress.analysis.grid import grid
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.pareto import pareto
from multipress.analysis.settings import AnalyzeSettings
from multipress.reporting.figures.curves import distances
from tests.unit.analysis.cases import study, without
from tests.unit.reporting.test_figures_size import curves

TABLE = Population().draw(np.random.default_rng(3), 5, 2)
LABELS = {
    "distance of curves": ("interaction_curve", "ratio"),
    "distance, if losses add up": ("interaction_curve", "expected_if_additive"),
    "the paper's rule": ("interaction", "ratio"),
    "the rule, if losses add up": ("interaction", "expected_if_additive"),
}


def tables_of(table):
    of, grids = study(table), {"paper_mb": grid(table)}
    per_task = of_tasks(grids, 0.95)
    judged = with_verdicts(interaction_curve(per_task, grids, 0.95), per_task, AnalyzeSettings())
    return pareto(of), judged, interaction(of)


MODELS, CURVES, RULE = tables_of(TABLE)


def drawn(*tables):
    figure = distances(*tables, 0.95, "A heading")
    assert figure.get_suptitle() == "A heading"
    return figure


def pooled(table, key):
    table = table[table["range"] == "pooled"] if "range" in table else table[table["arch"] == "pooled"]
    return table.set_index(key)


def test_every_recipe_is_a_curve_in_the_style_of_its_subset():
    left = drawn(MODELS, CURVES, RULE).axes[0]
    lines = [tuple(map(tuple, line.get_xydata())) for line in left.lines]
    for _, rows in MODELS.groupby("recipe"):
        points = rows.sort_values("size_mb")[["size_mb", "score"]].to_numpy()
        assert tuple(map(tuple, points)) in lines
    assert len(lines) == MODELS["recipe"].nunique()
    looks = {line.get_label(): (line.get_marker(), line.get_linestyle()) for line in left.lines}
    assert len(set(looks.values())) == len(looks) == 8  # told apart in grey


def test_the_shaded_scores_are_those_that_all_curves_reach():
    left = drawn(MODELS, CURVES, RULE).axes[0]
    (shade,) = left.patches
    expected = common_range([Curve.of(rows["score"], rows["size_mb"]) for _, rows in MODELS.groupby("recipe")])
    assert (shade.get_y(), shade.get_y() + shade.get_height()) == pytest.approx(expected)


def test_the_method_that_shrinks_most_is_annotated_with_its_number():
    left = drawn(MODELS, CURVES, RULE).axes[0]
    times = pooled(CURVES, "method")["times_smaller"]
    texts = [text.get_text() for text in left.texts]
    assert f"{times.idxmax()}: {times.max():.3g} times smaller" in texts


def test_times_smaller_stands_beside_the_rule_s():
    middle = drawn(MODELS, CURVES, RULE).axes[1]
    by_curve = pooled(CURVES, "method")
    assert [label.get_text() for label in middle.get_yticklabels()] == by_curve.index.tolist()
    lines = curves(middle)
    assert list(lines["distance of curves"].get_xdata()) == pytest.approx(by_curve["times_smaller"].tolist())
    observed = pooled(RULE, "combination")["observed"]
    found = dict(zip(by_curve.index, lines["the paper's rule"].get_xdata(), strict=True))
    assert {name: found[name] for name in observed.index} == pytest.approx(observed.to_dict())
    assert np.isnan([found[name] for name in ("QAT", "KD", "MP")]).all()


@pytest.mark.parametrize("label", LABELS)
def test_ratios_stand_in_the_rows_of_their_combinations(label):
    right = drawn(MODELS, CURVES, RULE).axes[2]
    names = [text.get_text() for text in right.get_yticklabels()]
    which, column = LABELS[label]
    table = pooled(CURVES, "method") if which == "interaction_curve" else pooled(RULE, "combination")
    line = curves(right)[label]
    assert list(line.get_xdata()) == pytest.approx(table.loc[names, column].tolist())
    assert np.rint(line.get_ydata()).tolist() == list(range(len(names)))
    looks = {(each.get_marker(), each.get_markerfacecolor() == "white") for each in curves(right).values()}
    assert len(looks) == len(LABELS)


def test_bars_are_the_intervals():
    right = drawn(MODELS, CURVES, RULE).axes[2]
    ends = [tuple(segment[:, 0]) for lines in right.collections for segment in lines.get_segments()]
    row = pooled(CURVES, "method").loc["KD+MP"]
    assert any(end == pytest.approx((row["ratio_low"], row["ratio_high"])) for end in ends)


def test_what_is_not_known_is_said():
    lacking = without(TABLE, task="task1", arch="mini", recipe="kd-int8")
    figure = drawn(*tables_of(lacking))
    names = [text.get_text() for text in figure.axes[2].get_yticklabels()]
    assert names == ["QAT+KD (NA)", "QAT+MP", "KD+MP", "QAT+KD+MP"]
    one = drawn(*tables_of(TABLE[TABLE["arch"] == "mini"]))
    assert "the uncompressed models make no curve" in " ".join(one.axes[0].texts[0].get_text().split())


def test_without_combinations_and_without_compressions_the_figure_says_so():
    figure = drawn(*tables_of(TABLE[TABLE["recipe"].isin(["ft", "kd"])]))
    assert " ".join(figure.axes[2].texts[0].get_text().split()) == "no model combines several compressions"
    (axes,) = drawn(*tables_of(TABLE[TABLE["recipe"] == "ft"])).axes
    assert axes.texts[0].get_text() == "no model is compressed"


def test_scores_that_not_all_reach_are_not_shaded():
    table = TABLE.assign(score=TABLE["score"] + 12.0 * (TABLE["recipe"] == "kd"))
    left = drawn(*tables_of(table)).axes[0]
    assert not left.patches
    assert left.get_title().endswith("(no score is reached by all)")


def test_ends_that_are_far_away_are_cut_off():
    far = CURVES.assign(ratio_low=1e-9, ratio_high=np.inf)
    right = drawn(MODELS, far, RULE).axes[2]
    ends = np.concatenate([segment[:, 0] for lines in right.collections for segment in lines.get_segments()])
    assert pd.Series(ends).dropna().between(0.01, 100).all()
