import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from multipress.analysis.claims import claims
from multipress.analysis.comparison import comparison
from multipress.analysis.curve_verdicts import with_verdicts
from multipress.analysis.effects import effects
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.paper import PAPER_METHODS, read_paper
from multipress.analysis.pareto import pareto
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.table_files import read, write
from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes
from multipress.core.errors import UserError
from multipress.reporting.figures.effects import costs, kd_gain
from multipress.reporting.figures.interaction import heat_map
from multipress.reporting.figures.pareto import front
from multipress.reporting.figures.scorecard import scorecard
from multipress.reporting.figures.style import PUBLISHED, SYNTHETIC, save, subset_styles
from tests.unit.analysis.cases import DIMINISHING, MULTIPLICATIVE, SUPER, results, row, study, without
from tests.unit.reporting.test_figures_size import curves
from workflow_scripts import plot_analysis

FT_GAINS, KD_GAINS = "Points gained\nagainst ft", "Points gained\nagainst kd"
FIGURES = ["curves", "interaction", "kd_gain", "pareto", "scorecard", "sparsity_bits"]
LONG = "my-very-long-architecture-name-v2-uncased-großes-modell"
PAPER = read_paper()
PLAIN, IN_LINE, AT_ODDS = (study(results(scores)) for scores in ((), MULTIPLICATIVE, SUPER))


def luminance(color):
    return float(np.dot(to_rgb(color), [0.299, 0.587, 0.114]))


def interactions(*arguments, **settings):
    """Both panels of the heat map of these results: texts and pictures by (arch, combination)."""
    of = study(results(*arguments), **settings)
    return cells(heat_map(interaction(of), interaction_score(of), 0.9, "A heading"))


def cells(figure):
    """For each panel a dict from (arch, combination) to (text, colour)."""
    panels = []
    archs = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    for axes in figure.axes:
        names = [label.get_text() for label in axes.get_xticklabels()]
        (mesh,) = axes.collections
        colors = mesh.to_rgba(mesh.get_array())
        positions = [(text, *map(int, text.get_position())) for text in axes.texts]
        panels.append({(archs[y], names[x]): (text.get_text(), tuple(colors[y, x])) for text, x, y in positions})
    return panels


def tables_of(table, folder, **settings):
    """The tables of the analysis that the figures read, as files."""
    of = study(table, **settings)
    grids = {"paper_mb": of.grid}
    per_task = of_tasks(grids, 0.95)
    made = {
        "interaction_curve": with_verdicts(interaction_curve(per_task, grids, 0.95), per_task, of.settings),
        "interaction": interaction(of),
        "interaction_score": interaction_score(of),
        "effects": effects(of),
        "pareto": pareto(of),
        "paper_comparison": comparison(of, PAPER),
        "claims": claims(of, PAPER),
    }
    for name, content in made.items():
        write(folder / f"{name}.csv", content)
    return made


# The heat map


@pytest.mark.parametrize(
    ("verdicts", "sign"),
    [
        (("super-multiplicative", "less than the sum"), "▲"),
        (("additive", "the sum"), "="),
        (("diminishing", "more than the sum"), "▼"),
        (("can't tell", "can't tell"), "?"),
    ],
)
def test_a_cell_shows_the_sign_of_the_verdict_the_number_its_interval_and_what_additivity_gives(verdicts, sign):
    of = study(results(SUPER))
    judged = (
        table(of).assign(verdict=verdict)
        for table, verdict in zip((interaction, interaction_score), verdicts, strict=True)
    )
    sizes, scores = cells(heat_map(*judged, 0.9, "A heading"))
    assert sizes["big", "QAT+KD"][0] == f"{sign} 4.00\n[4.00, 4.00]\nadditive 4.00"
    # Of big, quantization loses 5 points alone and none with distillation: 5 less than the sum.
    assert scores["big", "QAT+KD"][0] == f"{sign} -5.00\n[-5.00, -5.00]"
    assert scores["small", "KD+MP"][0] == f"{sign} +0.00\n[+0.00, +0.00]"


def test_what_additivity_gives_is_left_out_where_it_is_not_known():
    of = study(results(SUPER))
    sizes, _ = cells(heat_map(interaction(of).assign(expected_if_additive=np.nan), interaction_score(of), 0.9, ""))
    assert sizes["big", "QAT+KD"][0] == "? 4.00\n[4.00, 4.00]"


def test_where_the_interval_allows_either_the_sign_is_a_question_mark():
    table = pd.concat([results(SUPER, tasks=("a", "b")), results(DIMINISHING, tasks=("c", "d"))])
    of = study(table)
    sizes, scores = cells(heat_map(interaction(of), interaction_score(of), 0.9, ""))
    assert sizes["big", "QAT+MP"][0].startswith("? ")
    assert scores["big", "QAT+MP"][0].startswith("? ")


def test_every_cell_agrees_with_its_row_of_the_table():
    of = AT_ODDS
    ratios, losses = interaction(of), interaction_score(of)
    for drawn, table, number in zip(cells(heat_map(ratios, losses, 0.9, "")), (ratios, losses), "rd", strict=True):
        assert len(drawn) == len(table) == 3 * 4
        for (arch, name), (text, _) in drawn.items():
            expected = row(table, arch=arch, combination=name)
            numbers = [float(found) for found in re.findall(r"[-+]?\d+\.\d+", text)]
            column, *further = {"r": ["ratio", "expected_if_additive"], "d": ["difference"]}[number]
            shown = [expected[name] for name in (column, "low", "high", *further)]
            assert numbers == pytest.approx(shown, abs=0.0051)


def test_better_is_purple_worse_is_orange_and_neither_is_dark():
    better, worse = (
        cells(heat_map(interaction(of).assign(expected_if_additive=1.0), interaction_score(of), 0.9, ""))
        for of in (study(results(SUPER)), study(results(DIMINISHING)))
    )
    for panel in (0, 1):
        red, _, blue, _ = better[panel]["big", "QAT+KD"][1]
        assert blue > red
        red, _, blue, _ = worse[panel]["big", "QAT+MP"][1]
        assert red > blue


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_texts_are_readable_on_cells_of_extreme_numbers(factor):
    of = PLAIN
    ratios, losses = interaction(of), interaction_score(of)
    figure = heat_map(ratios.assign(ratio=factor), losses.assign(difference=-np.log(factor) * 100), 0.9, "")
    for panel in cells(figure):
        for _, color in panel.values():
            assert luminance(color[:3]) > 0.5


def test_what_is_not_known_is_na_and_colourless():
    table = without(results(SUPER), arch="small", recipe="kd-int8", task="a", seed=1)
    of = study(table)
    figure = heat_map(interaction(of), interaction_score(of), 0.9, "")
    _, scores = cells(figure)
    assert scores["small", "QAT+KD"][0] == "NA"
    assert scores["pooled", "QAT+KD"][0] == "NA"
    assert scores["small", "QAT+KD"][1][3] == 0  # nothing is painted over the axes' grey
    assert to_hex(figure.axes[1].get_facecolor()) == "#ededed"
    assert scores["small", "KD+MP"][0] != "NA"


def test_one_task_has_no_intervals_and_the_cells_say_so():
    for panel in interactions(SUPER, ("a",)):
        for text, _ in panel.values():
            assert re.fullmatch(r"\? [-+]?\d+\.\d\d\nno interval(\nadditive \d+\.\d\d)?", text)


def test_the_legend_names_the_confidence_and_every_sign():
    figure = heat_map(interaction(of := PLAIN), interaction_score(of), 0.9, "A heading")
    assert figure.get_suptitle() == "A heading"
    assert figure.get_supxlabel().startswith("[90% interval")
    assert set("▲=▼?") <= set(figure.get_supxlabel())
    assert "purple: better, orange: worse" in figure.get_supxlabel()


def test_the_pooled_row_comes_last_below_a_line():
    figure = heat_map(interaction(of := PLAIN), interaction_score(of), 0.9, "")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["big", "small", "pooled"]
    assert all(list(axes.lines[0].get_ydata()) == [2, 2] for axes in figure.axes)
    assert all(axes.get_ylim()[0] > axes.get_ylim()[1] for axes in figure.axes)  # rows run downwards


def overlaps(figure, texts):
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    return any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_long_names_leave_the_cells_room_for_their_texts():
    of = study(results(SUPER).replace({"arch": {"big": LONG}}))
    figure = heat_map(interaction(of), interaction_score(of), 0.95, "")
    assert not overlaps(figure, [text for axes in figure.axes for text in axes.texts])
    assert figure.axes[0].get_yticklabels()[0].get_text().replace("\n", "") == LONG


# The gain from distillation


def gains(table):
    return kd_gain(effects(study(table)), PAPER.figure1, 0.9, "A heading")


def bars(axes):
    """Low and high end of each interval, by the place it stands at."""
    segments = [segment for lines in axes.collections for segment in lines.get_segments() if len(segment)]
    return {round(segment[0][0], 6): (segment[0][1], segment[1][1]) for segment in segments}


def test_each_gain_stands_in_its_architecture_s_place_with_its_interval():
    table = results(SUPER)
    rng = np.random.default_rng(0)
    table["score"] += rng.normal(0, 0.3, len(table))
    of = effects(study(table))
    (axes,) = kd_gain(of, PAPER.figure1, 0.9, "A heading").axes
    archs = [label.get_text() for label in axes.get_xticklabels()]
    assert archs == ["big", "small", POOLED]
    intervals = bars(axes)
    names = {"nothing more": "kd", "int8": "kd-int8", "mp50": "kd-mp50", "mp50-int8": "kd-mp50-int8"}
    assert set(curves(axes)) - {PUBLISHED} == set(names)
    for label, recipe in names.items():
        line = curves(axes)[label]
        assert line.get_linestyle() == "None"
        for arch, x, y in zip(archs, line.get_xdata(), line.get_ydata(), strict=True):
            expected = row(of, arch=arch, recipe=recipe, step="kd")
            assert round(x) == archs.index(arch)
            assert y == expected["difference"]
            assert intervals[round(x, 6)] == pytest.approx((expected["low"], expected["high"]))


def test_a_gain_is_above_zero_and_a_loss_below():
    (axes,) = gains(results(MULTIPLICATIVE | {("big", "kd"): 88.0})).axes
    plain = curves(axes)["nothing more"]
    assert list(plain.get_ydata()) == pytest.approx([-2, 10, 4])


def test_recipes_differ_in_grey_even_where_there_are_many():
    names = recipes.cross([["ft", "kd"], ["mp30", "mp50", "mp70"], ["int4", "int8"]])
    (axes,) = gains(results(names=names)).axes
    looks = [(line.get_marker(), line.get_markerfacecolor() == "white") for line in curves(axes).values()]
    assert len(looks) == len(set(looks)) == 12 + 1  # small is an architecture of the paper's


def test_the_paper_s_points_stand_only_where_architecture_and_recipe_match():
    (axes,) = gains(results(MULTIPLICATIVE)).axes  # big is none of the paper's, small is; mp50 is no recipe of it
    marks = [line for line in axes.lines if line.get_label() == PUBLISHED]
    scores = PAPER.figure1.set_index(["arch", "recipe"])["score"]["small"]
    expected = {scores["kd"] - scores["ft"], scores["kd-int8"] - scores["ft-int8"]}
    assert {line.get_ydata()[0] for line in marks} == expected
    assert {round(line.get_xdata()[0]) for line in marks} == {1}
    (axes,) = gains(results(MULTIPLICATIVE).replace({"arch": {"small": "tiny-like"}})).axes
    assert PUBLISHED not in curves(axes)


def test_the_paper_is_named_above_the_recipes_where_it_has_points():
    figure = gains(results(MULTIPLICATIVE))
    assert figure.legends[0].get_title().get_text().endswith(f"Crosses: {PUBLISHED}")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["nothing more", "int8", "mp50", "mp50-int8"]


def test_intervals_are_named_and_so_is_their_want():
    assert "bars: 90% intervals" in gains(results()).legends[0].get_title().get_text()
    alone = gains(results(tasks=("a",)))
    assert "no intervals" in alone.legends[0].get_title().get_text()
    assert not bars(alone.axes[0])


def test_a_model_that_lacks_a_task_has_no_gain():
    (axes,) = gains(without(results(MULTIPLICATIVE), arch="small", recipe="kd-int8", task="b")).axes
    assert [round(x) for x in curves(axes)["int8"].get_xdata()] == [0]
    assert [round(x) for x in curves(axes)["nothing more"].get_xdata()] == [0, 1, 2]


NO_KD = [recipe for recipe in recipes.cross([["ft", "kd"], ["mp50"], ["int8"]]) if not recipes.is_distilled(recipe)]


def test_without_distilled_models_the_figure_says_why_it_is_empty_and_keeps_its_heading():
    figure = gains(results(names=NO_KD))
    (text,) = figure.axes[0].texts
    assert text.get_text().startswith("no architecture has a distilled model")
    assert figure.get_suptitle() == "A heading"


def test_long_names_below_the_axis_do_not_overlap():
    figure = gains(results(MULTIPLICATIVE).replace({"arch": {"big": LONG, "small": LONG[::-1]}}))
    assert not overlaps(figure, figure.axes[0].get_xticklabels())


# Costs of sparsity and bits


def lines(axes):
    return {name: (list(line.get_xdata()), list(line.get_ydata())) for name, line in curves(axes).items()}


def test_costs_start_at_nothing_and_fall_with_sparsity_and_bits():
    names = recipes.cross([["ft", "kd"], ["mp30", "mp60"], ["int4", "int8"]])
    scores = {("big", "ft-mp30"): 89.5, ("big", "ft-mp60"): 87.0, ("big", "ft-int8"): 89.0, ("big", "ft-int4"): 80.0}
    scores |= {("small", "kd-mp60"): 81.0, ("small", "kd-int4"): 79.0}
    figure = costs(effects(study(results(scores, names=names))), 0.9, "A heading")
    by_sparsity, by_bits, kd_by_sparsity, kd_by_bits = map(lines, figure.axes)
    assert by_sparsity["big"] == ([0, 30, 60], pytest.approx([0, -0.5, -3]))
    assert by_bits["big"] == ([32, 8, 4], pytest.approx([0, -1, -10]))
    assert by_bits[POOLED] == ([32, 8, 4], pytest.approx([0, -0.5, -5]))
    assert kd_by_sparsity["small"] == ([0, 30, 60], pytest.approx([0, 0, 1]))
    assert kd_by_bits["small"] == ([32, 8, 4], pytest.approx([0, 0, -1]))
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "Points gained\nagainst ft",
        "",
        "Points gained\nagainst kd",
        "",
    ]
    assert [label.get_text() for label in figure.axes[1].get_xticklabels()] == ["4", "8", "32"]
    assert figure.axes[1].xaxis.get_inverted()
    assert not figure.axes[0].xaxis.get_inverted()
    assert figure.get_suptitle() == "A heading"


def test_the_band_is_the_pooled_interval():
    table = results(SUPER)
    table["score"] += np.random.default_rng(0).normal(0, 0.5, len(table))
    of = effects(study(table))
    figure = costs(of, 0.9, "")
    expected = row(of, arch=POOLED, recipe="ft-int8", step="int8")
    (band,) = figure.axes[1].collections
    ends = band.get_paths()[0].vertices
    assert sorted(set(ends[ends[:, 0] == 8][:, 1])) == pytest.approx([expected["low"], expected["high"]])
    assert set(ends[ends[:, 0] == 32][:, 1]) == {0}
    assert figure.legends[0].get_title().get_text() == "Band: 90% interval of the pooled line"
    alone = costs(effects(study(results(SUPER, tasks=("a",)))), 0.9, "")
    assert alone.legends[0].get_title().get_text() == "no intervals"


def test_architectures_differ_in_grey():
    figure = costs(effects(AT_ODDS), 0.9, "")
    looks = [(line.get_marker(), line.get_linewidth()) for line in curves(figure.axes[0]).values()]
    assert len(set(looks)) == len(looks) == 3


@pytest.mark.parametrize(
    ("names", "rows", "labels"),
    [
        (NO_KD, [FT_GAINS], ["Sparsity", "Bits"]),
        (["ft", "kd", "ft-int8", "kd-int8"], [FT_GAINS, KD_GAINS], ["Bits"]),
        (
            ["ft", "ft-mp50", "kd", "kd-int8"],
            [FT_GAINS, KD_GAINS],
            ["Sparsity", "Bits"],
        ),
    ],
)
def test_only_rows_and_columns_with_lines_are_drawn(names, rows, labels):
    figure = costs(effects(study(results(names=names))), 0.9, "")
    drawn = [axes for axes in figure.axes if axes.lines]
    assert [axes.get_ylabel() for axes in drawn if axes.get_ylabel()] == rows
    assert sorted({axes.get_xlabel().split()[0] for axes in drawn}) == sorted(labels)
    assert all(axes.texts[0].get_text().startswith("no recipe") for axes in figure.axes if not axes.lines)
    figure.draw_without_rendering()
    for axes in drawn:
        if axes.get_ylabel():
            assert any(tick.label1.get_visible() for tick in axes.yaxis.get_major_ticks())


def test_with_neither_sparsity_nor_bits_the_figure_says_so():
    figure = costs(effects(study(results(names=["ft", "kd"]))), 0.9, "A heading")
    assert figure.axes[0].texts[0].get_text() == "no model is only pruned or only quantized on every task"
    assert figure.get_suptitle() == "A heading"


def test_a_legend_of_long_names_is_not_cut():
    figure = costs(effects(study(results(SUPER).replace({"arch": {"big": LONG, "small": LONG[::-1]}}))), 0.9, "")
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


# The Pareto front


def models(sizes, scores, arch="a", recipe="ft", on_front=None):
    """Models as the analysis writes them; each on the front unless told."""
    count = len(sizes)
    table = pd.DataFrame({"arch": arch, "recipe": recipe, "subset": recipes.subset(recipe), "size_mb": sizes})
    return table.assign(score=scores, on_front=[True] * count if on_front is None else on_front, n_tasks=4, note="")


def joined(axes):
    (line,) = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def listed(figure):
    (text,) = figure.axes[1].texts
    return text.get_text().splitlines()


def test_the_models_of_the_front_are_joined_numbered_and_listed():
    table = pareto(IN_LINE)
    figure = front(table, "A heading")
    axes = figure.axes[0]
    assert joined(axes) == [(3.75, 90.0)]
    assert [text.get_text() for text in axes.texts] == ["1"]
    assert axes.texts[0].xy == (3.75, 90.0)
    assert listed(figure)[1].split() == ["1", "small/kd-mp50-int8", "3.750", "90.00"]
    assert figure.get_suptitle() == "A heading"


def test_every_complete_model_is_drawn_on_the_mark_of_its_subset_and_the_rest_counted():
    table = pareto(study(without(results(MULTIPLICATIVE), arch="small", recipe="kd-mp50-int8", task="b")))
    figure = front(table, "A heading")
    drawn = curves(figure.axes[0])
    assert set(drawn) == {"none", *PAPER_METHODS}
    styles = subset_styles(drawn)
    for subset, line in drawn.items():
        expected = table[(table["subset"] == subset) & table["score"].notna()]
        assert sorted(line.get_xdata()) == sorted(expected["size_mb"])
        assert sorted(line.get_ydata()) == sorted(expected["score"])
        assert line.get_marker() == styles[subset].marker
    assert 3.75 not in drawn["QAT+KD+MP"].get_xdata()
    assert figure.get_suptitle() == "A heading\n(models left out for want of a task: 1)"


def test_the_front_steps_from_small_to_large_through_its_models_alone():
    table = pd.concat([models([30, 10, 20], [88, 80, 85]), models([25, 15], [84, 70], on_front=[False, False])])
    axes = front(table, "").axes[0]
    assert joined(axes) == [(10, 80), (20, 85), (30, 88)]
    assert [(text.get_text(), *text.xy) for text in axes.texts] == [("1", 10, 80), ("2", 20, 85), ("3", 30, 88)]


def test_numbers_that_would_lie_on_each_other_are_one():
    figure = front(models([10, 10, 10.01, 500], [80, 80, 80.01, 90]), "")
    assert [text.get_text() for text in figure.axes[0].texts] == ["1–3", "4"]
    assert len(listed(figure)) == 5


def test_a_front_of_one_model_is_a_point():
    axes = front(models([10], [80]), "").axes[0]
    assert joined(axes) == [(10, 80)]


def test_a_long_front_is_listed_as_far_as_there_is_room_and_the_rest_counted():
    figure = front(models(np.geomspace(1, 1000, 40), np.linspace(70, 90, 40)), "")
    assert listed(figure)[-1].strip() == "and 10 more in pareto.csv"
    assert len(listed(figure)) == 32
    figure.draw_without_rendering()
    text, below = figure.axes[1].texts[0].get_window_extent(), figure.legends[0].get_window_extent()
    assert text.y0 > below.y1
    assert not overlaps(figure, figure.axes[0].texts)


def test_the_list_of_long_names_is_not_cut():
    figure = front(models([10, 2345.6], [80, 85], arch=LONG, recipe="kd-mp50-int8"), "")
    figure.draw_without_rendering()
    text = figure.axes[1].texts[0].get_window_extent()
    assert text.x1 <= figure.bbox.x1
    assert text.x0 >= figure.axes[0].get_window_extent().x1
    header, first, second = listed(figure)
    assert len(header) == len(first) == len(second)
    assert second.split() == ["2", f"{LONG}/kd-mp50-int8", "2,345.600", "85.00"]


def test_smaller_is_to_the_right():
    axes = front(models([10, 20], [80, 85]), "").axes[0]
    assert axes.get_xlim()[0] > axes.get_xlim()[1]


def test_without_a_complete_model_the_front_says_so():
    figure = front(models([np.nan], [np.nan], on_front=[np.nan]), "A heading")
    assert figure.axes[0].texts[0].get_text() == "no model has a score on every task"
    assert figure.get_suptitle() == "A heading"


# The scorecard

COMPARED = pd.DataFrame(
    [
        ("ratio", "large", "QAT", "", 3.5, 3.6, ""),
        ("ratio", "large", "QAT+KD", "", 8.0, 12.6, ""),
        ("ratio", "base", "KD", "", np.nan, 3.4, "no results of base"),
        ("score difference", "large", "KD", "kd", 0.4, 0.54, ""),
        ("score difference", "large", "MP", "ft-mp40", -0.3, -0.11, ""),
        ("score difference", "large", "MP", "ft-mp60", -0.9, -1.18, ""),
    ],
    columns=["quantity", "arch", "method", "recipe", "ours", "paper", "note"],
)


def claimed(**cells):
    one = {"claim": "KD+MP gives no diminishing returns", "paper": 1.22, "paper_says": "supported"}
    one |= {"at_equal_score": "supported", "curve": 1.1, "curve_low": 1.0, "curve_high": 1.2, "paper_curve": 1.05}
    one |= {"beyond_additivity": "can't tell", "beyond": 1.07}
    one |= {"quantity": "observed ratio over the product of the single ones"}
    return pd.DataFrame([one | {"ours": 2.0, "low": 1.5, "high": 2.5, "under_the_rule": "supported"} | cells])


def claim_texts(figure):
    (table,) = figure.axes[-1].tables
    rows = {}
    for (line, column), cell in sorted(table.get_celld().items()):
        rows.setdefault(line, []).insert(column, cell.get_text().get_text())
    return list(rows.values())


def test_ours_stand_over_the_paper_s_on_the_marks_of_their_subsets():
    figure = scorecard(COMPARED, claimed(), 0.9, "A heading")
    table1, figure1 = (
        {name: line.get_xydata().tolist() for name, line in curves(axes).items()} for axes in figure.axes[:2]
    )
    assert table1 == {"QAT": [[3.6, 3.5]], "QAT+KD": [[12.6, 8.0]]}
    assert figure1 == {"KD": [[0.54, 0.4]], "MP": [[-0.11, -0.3], [-1.18, -0.9]]}
    assert [axes.get_xlabel() for axes in figure.axes[:2]] == ["the paper's (times smaller)", "the paper's (points)"]
    assert [axes.get_ylabel() for axes in figure.axes[:2]] == ["ours (times smaller)", "ours (points)"]
    assert [axes.get_xscale() for axes in figure.axes[:2]] == ["log", "linear"]
    assert figure.get_suptitle() == "A heading"


def test_the_diagonal_is_agreement_and_spans_all_points():
    figure = scorecard(COMPARED, claimed(), 0.9, "")
    for axes, ends in zip(figure.axes[:2], ([3.5, 12.6], [-1.18, 0.54]), strict=True):
        diagonal = axes.lines[0]
        assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == ends


def test_titles_count_what_ours_lack():
    titles = [axes.get_title() for axes in scorecard(COMPARED, claimed(), 0.9, "").axes[:2]]
    assert titles[0].startswith("Table 1")
    assert titles[0].endswith("\n(left out, not known of ours: 1)")
    assert titles[1] == "Figure 1: points gained over the uncompressed model"


def test_over_other_tasks_there_is_nothing_to_compare_and_the_figure_says_why():
    of = IN_LINE
    figure = scorecard(comparison(of, PAPER), claims(of, PAPER), 0.9, "A heading")
    message = " ".join(figure.axes[0].texts[0].get_text().split())
    assert message.startswith("nothing to compare: the paper's tasks are cola, ")
    assert message.endswith("these are a, b, c, d")
    assert figure.get_figheight() < 5
    rows = claim_texts(figure)
    assert len(rows) == 9 + 2
    units = {row[0]: row[-1] for row in rows}
    assert units["QAT gives more than MP"] == "quotient of both"
    assert units["combining rarely gives diminishing returns"] == "share (0 to 1)"


def test_where_only_one_half_is_known_the_other_says_why():
    table = COMPARED.assign(ours=COMPARED["ours"].where(COMPARED["quantity"] != "ratio"), note="no results of large")
    figure = scorecard(table, claimed(), 0.9, "")
    assert figure.axes[0].texts[0].get_text() == "nothing to compare: no results of large"
    assert set(curves(figure.axes[1])) == {"KD", "MP"}


@pytest.mark.parametrize(
    ("cells", "ours"),
    [
        ({}, "✓ 2.00 [1.50, 2.50]"),
        ({"under_the_rule": "not supported"}, "✗ 2.00 [1.50, 2.50]"),
        ({"under_the_rule": "can't tell"}, "? 2.00 [1.50, 2.50]"),
        ({"under_the_rule": "can't tell", "low": np.nan, "high": np.nan}, "? 2.00 (no interval)"),
        ({"under_the_rule": "can't tell", "ours": np.nan, "low": np.nan, "high": np.nan}, "? NA"),
    ],
)
def test_a_claim_is_answered_by_the_curves_first_and_by_the_rule_beside(cells, ours):
    header, line, legend = claim_texts(scorecard(COMPARED, claimed(**cells), 0.9, ""))
    assert header[:4] == ["Claim of the paper", "at equal score [90% interval]", "its figure", "interaction"]
    assert header[4:] == ["its rule, ours [90% interval]", "its own", "unit"]
    assert line[:4] == ["KD+MP gives no diminishing returns", "✓ 1.10 [1.00, 1.20]", "1.05", "? 1.07"]
    assert line[4:] == [ours, "✓ 1.22", "× the product"]
    assert legend[0] == "✓ speaks for the claim   ✗ against it   ? can't tell"


@pytest.mark.parametrize(("verdict", "sign"), [("supported", "✓"), ("not supported", "✗"), ("can't tell", "?")])
def test_each_answer_has_the_sign_of_its_own_verdict(verdict, sign):
    _, line, _ = claim_texts(scorecard(COMPARED, claimed(beyond_additivity=verdict), 0.9, ""))
    assert (line[1][0], line[3]) == ("✓", f"{sign} 1.07")
    _, line, _ = claim_texts(scorecard(COMPARED, claimed(at_equal_score=verdict), 0.9, ""))
    assert (line[1], line[3]) == (f"{sign} 1.10 [1.00, 1.20]", "? 1.07")


def test_a_claim_about_no_combination_has_no_interaction():
    _, line, _ = claim_texts(scorecard(COMPARED, claimed(beyond_additivity="", beyond=np.nan), 0.9, ""))
    assert line[3] == ""


def test_claims_that_may_not_be_compared_are_told_from_those_that_can_not_be_decided():
    unjudged = dict.fromkeys(["under_the_rule", "beyond_additivity", "at_equal_score"], np.nan)
    _, line, legend = claim_texts(
        scorecard(COMPARED, claimed(**unjudged, note="not judged: one architecture"), 0.9, "")
    )
    assert line[1:-1] == ["○ 1.10 [1.00, 1.20]", "1.05", "○ 1.07", "○ 2.00 [1.50, 2.50]", "✓ 1.22"]
    assert legend[0] == "✓ speaks for the claim   ○ not judged: one architecture"


def test_claims_do_not_overlap():
    of = IN_LINE
    figure = scorecard(comparison(of, PAPER), claims(of, PAPER), 0.9, "")
    (table,) = figure.axes[-1].tables
    assert not overlaps(figure, [cell.get_text() for cell in table.get_celld().values() if cell.get_text().get_text()])


# Small studies, and the script

SMALL = {
    "one model": results(names=["ft"], tasks=["a"], seeds=[1]).head(1),
    "one architecture and task": results(SUPER, tasks=("a",), seeds=(0,))[lambda table: table["arch"] == "big"],
    "no distilled ones": results(names=NO_KD),
    "no pruned ones": results(names=["ft", "kd", "ft-int8", "kd-int8"]),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_figure_of_a_small_study_is_drawn_from_its_files_and_says_that_its_data_are_synthetic(tmp_path, name):
    tables_of(SMALL[name], tmp_path)
    figures = plot_analysis._figures(plot_analysis.Params(synthetic=True), tmp_path)
    assert sorted(figures) == FIGURES
    for figure in figures.values():
        assert SYNTHETIC in figure.get_suptitle() + figure.axes[0].get_title()


def test_where_data_are_not_synthetic_no_figure_says_so(tmp_path):
    tables_of(SMALL["one architecture and task"], tmp_path)
    for figure in plot_analysis._figures(plot_analysis.Params(), tmp_path).values():
        assert SYNTHETIC not in figure.get_suptitle() + figure.axes[0].get_title()


def test_a_read_table_says_whether_models_are_on_the_front(tmp_path):
    made = tables_of(without(results(MULTIPLICATIVE), arch="small", recipe="kd-mp50-int8", task="b"), tmp_path)
    again = read(tmp_path / "pareto.csv", ["on_front"])
    assert joined(front(again, "").axes[0]) == joined(front(made["pareto"], "").axes[0])


def test_the_script_draws_every_figure_and_the_same_bytes_as_another_process(tmp_path):
    tables_of(SMALL["one model"], tmp_path / "tables")
    params = {"settings": {"dots_per_inch": 50}, "confidence": 0.9}
    paths = ["--tables", tmp_path / "tables", "--figures", tmp_path / "figures"]
    command = [sys.executable, "-m", "workflow_scripts.plot_analysis", "--params", json.dumps(params), *paths]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    files = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert files == [f"{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png", "svg")]
    figures = plot_analysis._figures(plot_analysis.Params(**params), tmp_path / "tables")
    for name in ("interaction", "pareto"):
        save(figures[name], tmp_path / "again" / name, 50)
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes(), path.name


def test_the_script_names_a_missing_table_in_one_line(in_process, tmp_path):
    assert in_process("plot_analysis", "--params", "{}", "--tables", tmp_path, "--figures", tmp_path / "figures") == (
        f"plot_analysis: error: {tmp_path}/effects.csv cannot be read (No such file or directory); "
        "rerun the rule analyze"
    )
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arch,ratio\n", "has no column recipe, low; rerun the rule analyze"),
        ("", "is no CSV table (No columns to parse from file); rerun the rule analyze"),
        ("a,b\n1,2,3\n4,5,6,7\n", "is no CSV table (Error tokenizing data."),
        (b"arch,recipe\n\xff,1\n", "is no CSV table ('utf-8' codec can't decode"),
    ],
)
def test_a_table_that_is_none_is_one_line(tmp_path, text, message):
    path = tmp_path / "effects.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as caught:
        read(path, ["arch", "recipe", "low"])
    assert str(caught.value).startswith(f"{path} {message}")
    assert str(caught.value).endswith("; rerun the rule analyze")
    assert "\n" not in str(caught.value)


def test_a_written_table_reads_back_with_na_as_nan_and_empty_as_empty(tmp_path):
    table = pd.DataFrame({"arch": ["größe", "b"], "score": [1.23456789, np.nan], "note": ["", "NA's text, quoted"]})
    write(tmp_path / "table.csv", table)
    again = read(tmp_path / "table.csv", list(table))
    assert again["score"].round(6).tolist()[0] == 1.234568
    assert np.isnan(again["score"][1])
    assert again["note"].tolist() == ["", "NA's text, quoted"]
    assert again["arch"].tolist() == ["größe", "b"]
