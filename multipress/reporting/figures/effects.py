"""What single steps change in the score: the gain from distillation, and the cost of sparsity and of fewer bits."""

from collections.abc import Callable
from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes
from multipress.compression.recipes import recipe_order
from multipress.reporting.figures.style import (
    PUBLISHED,
    architecture_styles,
    columns_that_fit,
    labelled,
    nothing,
    say_instead,
    style,
    subset_styles,
)

_FULL = 32
"""Bits of a float."""

_MARKERS = "os^DvPX*pd<>h"
"""Markers of recipes."""


@style()
def kd_gain(effects: pd.DataFrame, published: pd.DataFrame, confidence: float, heading: str) -> Figure:
    """Points gained by distillation for each architecture, alone and under further compression.

    Args:
        effects: The table of ``multipress.analysis.effects``.
        published: The paper's points, with columns arch, recipe and score; drawn faintly where architectures match.
        confidence: Confidence of the intervals.
        heading: Text above the axes.
    """
    gains = effects[effects["step"] == "kd"].dropna(subset=["difference"])
    if gains.empty:
        return nothing("no architecture has a distilled model and its fine-tuned peer on every task", heading)
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    archs, styles = list(dict.fromkeys(gains["arch"])), subset_styles(effects["subset"])
    names = sorted(gains["recipe"].unique(), key=recipe_order)
    for number, recipe in enumerate(names):
        shift = (number - (len(names) - 1) / 2) * 0.7 / len(names)
        _draw_published_gain(axes, published, recipe, archs, shift)
        color, _, _, face = styles[recipes.subset(recipe)]
        marks = {"color": color, "markerfacecolor": face, "marker": _MARKERS[number % len(_MARKERS)]}
        _draw_gain(axes, gains[gains["recipe"] == recipe], archs, shift, marks)
    axes.axhline(0, color="0.3", linewidth=0.8)
    axes.set_xticks(range(len(archs)), [fill(arch, max(8, 80 // len(archs))) for arch in archs])
    axes.set_ylabel("Points gained by distillation")
    axes.set_title(heading)
    named = labelled([axes])
    crosses = f"\nCrosses: {PUBLISHED}" if PUBLISHED in named else ""
    shown = [label for label in named if label != PUBLISHED]
    figure.legend(
        [named[label] for label in shown],
        shown,
        loc="outside lower center",
        ncols=columns_that_fit(figure, shown, most=4),
        frameon=False,
        title=f"Steps after distillation; {_intervals(gains, confidence)}{crosses}",
    )
    return figure


def _intervals(effects: pd.DataFrame, confidence: float) -> str:
    return f"bars: {confidence:.0%} intervals" if effects["low"].notna().any() else "no intervals"


def _draw_gain(axes: Axes, gains: pd.DataFrame, archs: list[str], shift: float, marks: dict[str, Any]) -> None:
    """The gains of one recipe."""
    positions, recipe = [archs.index(arch) + shift for arch in gains["arch"]], gains["recipe"].iloc[0]
    half = (gains["high"] - gains["low"]) / 2
    axes.errorbar(positions, gains["difference"], yerr=half, linestyle="none", color=marks["color"], capsize=2)
    axes.plot(
        positions,
        gains["difference"],
        label=recipe.removeprefix("kd").lstrip("-") or "nothing more",
        linestyle="none",
        markersize=5,
        zorder=2.5,
        **marks,
    )


def _draw_published_gain(axes: Axes, published: pd.DataFrame, recipe: str, archs: list[str], shift: float) -> None:
    scores = published.set_index(["arch", "recipe"])["score"]
    pairs = {arch: [(arch, name) for name in (recipe, recipes.without(recipe, "kd"))] for arch in archs}
    for arch, (distilled, plain) in pairs.items():
        if distilled in scores.index and plain in scores.index:
            gain = scores[distilled] - scores[plain]
            axes.plot(archs.index(arch) + shift, gain, "x", color="0.6", markersize=5, label=PUBLISHED)


_STEPS: dict[str, tuple[str, Callable[[str], float]]] = {
    "mp": ("Sparsity of the encoder's linear weights in %", lambda recipe: 100 * recipes.sparsity(recipe)),
    "int": ("Bits of a weight", recipes.bits),
}
"""By the letters of a step that ``costs`` shows: label of the horizontal axis, and a recipe's value on it."""


@style()
def costs(effects: pd.DataFrame, confidence: float, heading: str) -> Figure:
    """The change in score with sparsity and with bits, one line for each architecture: above from ft, below from kd.

    Rows and columns in which there is nothing to draw are left out.

    Args:
        effects: The table of ``multipress.analysis.effects``.
        confidence: Confidence of the intervals.
        heading: Text above all panels.
    """
    known = effects.dropna(subset=["difference"])
    found = {(first, step) for first in ("ft", "kd") for step in _STEPS if not _of(known, first, step).empty}
    if not found:
        return nothing("no model is only pruned or only quantized on every task", heading)
    rows = [first for first in ("ft", "kd") if any(first == other for other, _ in found)]
    columns = [step for step in _STEPS if any(step == other for _, other in found)]
    figure = Figure(figsize=(max(7.2, 4.2 * len(columns)), 2.7 * len(rows) + 1), layout="constrained")
    panels = figure.subplots(len(rows), len(columns), sharey=True, squeeze=False)
    styles_of_archs = architecture_styles([arch for arch in dict.fromkeys(effects["arch"]) if arch != POOLED])
    styles_of_archs[POOLED] = {"color": "#222222", "linewidth": 2.2}
    for row, first in zip(panels, rows, strict=True):
        for axes, step in zip(row, columns, strict=True):
            if (first, step) in found:
                _draw_costs(axes, _of(known, first, step), first, step, styles_of_archs)
            else:
                say_instead(axes, f"no recipe {first}-{step}… on every task")
        leftmost = next(axes for axes, step in zip(row, columns, strict=True) if (first, step) in found)
        leftmost.set_ylabel(f"Points gained\nagainst {first}")
        leftmost.tick_params(labelleft=True)
    figure.suptitle(heading)
    handles = labelled(panels.flat)
    has_intervals = known.loc[known["arch"] == POOLED, "low"].notna().any()
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="outside lower center",
        ncols=columns_that_fit(figure, handles, most=7),
        frameon=False,
        title=f"Band: {confidence:.0%} interval of the pooled line" if has_intervals else "no intervals",
    )
    return figure


def _of(effects: pd.DataFrame, first: str, step: str) -> pd.DataFrame:
    """Steps of one kind right after the first."""
    return effects[(effects["without"] == first) & effects["step"].str.match(rf"{step}\d+$")]


def _draw_costs(axes: Axes, effects: pd.DataFrame, first: str, step: str, styles_of_archs: dict[str, dict]) -> None:
    """Draw lines from no cost at the first recipe; a band shows the interval of the pooled one."""
    label, value = _STEPS[step]
    for arch, marks in styles_of_archs.items():
        line = effects[effects["arch"] == arch]
        line = line.assign(value=line["recipe"].map(value)).sort_values("value", ascending=step == "mp")
        if line.empty:
            continue
        values = [value(first), *line["value"]]
        axes.plot(values, [0, *line["difference"]], label=arch, markersize=4, **({"linewidth": 1} | marks))
        if arch == POOLED:
            axes.fill_between(values, [0, *line["low"]], [0, *line["high"]], color="0.5", alpha=0.25, linewidth=0)
    axes.axhline(0, color="0.3", linewidth=0.8, zorder=0.9)
    axes.set_xlabel(label)
    if step == "int":
        widths = sorted({_FULL, *effects["recipe"].map(recipes.bits)})
        axes.set_xscale("log", base=2)
        axes.xaxis.set_inverted(True)
        axes.set_xticks(widths, labels=map(str, widths))
