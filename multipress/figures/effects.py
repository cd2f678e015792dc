"""What single steps change in the score: the gain from distillation, and the cost of sparsity and of fewer bits."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress import recipes
from multipress.analysis.verdicts import POOLED
from multipress.figures.look import PUBLISHED, look_of, looks_of_architectures, say_instead, style

_FULL = 32
"""Bits of a float."""

_MARKERS = "os^DvP"
"""Of recipes."""


@style()
def kd_gain(effects: pd.DataFrame, published: pd.DataFrame, heading: str) -> Figure:
    """Points gained by distillation for each architecture, alone and under further compression.

    Args:
        effects: As ``multipress.analysis.effects.effects`` makes it.
        published: The paper's points, with columns arch, recipe and score; drawn faintly where architectures match.
        heading: Above the axes.
    """
    gains = effects[effects["step"] == "kd"].dropna(subset=["difference"])
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    if gains.empty:
        say_instead(axes, "no architecture has a distilled model and its fine-tuned peer on every task")
        return figure
    archs = list(dict.fromkeys(gains["arch"]))
    names = sorted(gains["recipe"].unique(), key=_place)
    for number, recipe in enumerate(names):
        shift = (number - (len(names) - 1) / 2) * 0.7 / len(names)
        _draw_gain(axes, gains[gains["recipe"] == recipe], archs, shift, _MARKERS[number % len(_MARKERS)])
        _draw_published_gain(axes, published, recipe, archs, shift)
    axes.axhline(0, color="0.3", linewidth=0.8)
    axes.set_xticks(range(len(archs)), archs)
    axes.set_ylabel("Points gained by distillation")
    axes.set_title(heading)
    handles, labels = axes.get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))  # the paper's points once
    figure.legend(
        named.values(),
        named.keys(),
        loc="outside lower center",
        ncols=4,
        frameon=False,
        title="Steps after distillation; bars: intervals",
    )
    return figure


def _place(recipe: str) -> tuple[float, int]:
    return recipes.sparsity(recipe), -recipes.bits(recipe)


def _draw_gain(axes: Axes, gains: pd.DataFrame, archs: list[str], shift: float, marker: str) -> None:
    """The gains of one recipe."""
    places, recipe = [archs.index(arch) + shift for arch in gains["arch"]], gains["recipe"].iloc[0]
    color, _, _, face = look_of(recipes.subset(recipe))
    spread = np.array([gains["difference"] - gains["low"], gains["high"] - gains["difference"]])
    axes.errorbar(
        places,
        gains["difference"],
        yerr=spread if gains["low"].notna().all() else None,
        label=recipe.removeprefix("kd").lstrip("-") or "nothing more",
        linestyle="none",
        color=color,
        marker=marker,
        markersize=5,
        markerfacecolor=face,
        capsize=2,
    )


def _draw_published_gain(axes: Axes, published: pd.DataFrame, recipe: str, archs: list[str], shift: float) -> None:
    scores = published.set_index(["arch", "recipe"])["score"]
    pairs = {arch: [(arch, name) for name in (recipe, recipes.without(recipe, "kd"))] for arch in archs}
    for arch, (distilled, plain) in pairs.items():
        if distilled in scores.index and plain in scores.index:
            gain = scores[distilled] - scores[plain]
            axes.plot(archs.index(arch) + shift, gain, "x", color="0.6", markersize=5, label=PUBLISHED)


@style()
def costs(effects: pd.DataFrame, heading: str) -> Figure:
    """The change in score with sparsity and with bits, one line for each architecture: above from ft, below from kd.

    Args:
        effects: As ``multipress.analysis.effects.effects`` makes it.
        heading: Above all.
    """
    figure = Figure(figsize=(8.4, 6.4), layout="constrained")
    panels = figure.subplots(2, 2, sharey=True)
    known = effects.dropna(subset=["difference"])
    looks = looks_of_architectures([arch for arch in dict.fromkeys(effects["arch"]) if arch != POOLED])
    looks[POOLED] = {"color": "#222222", "linewidth": 2.2}
    for row, first in zip(panels, ("ft", "kd"), strict=True):
        _draw_costs(row[0], known, first, "mp", lambda recipe: 100 * recipes.sparsity(recipe), looks)
        _draw_costs(row[1], known, first, "int", lambda recipe: recipes.bits(recipe), looks)
        row[0].set(xlabel="Sparsity of the encoder's linear weights in %", ylabel=f"Points against {first}")
        row[1].set(xlabel="Bits of a weight")
        row[1].set_xscale("log", base=2)
        row[1].xaxis.set_inverted(True)
        row[1].set_xticks(sorted({_FULL, *_widths(known)}), labels=map(str, sorted({_FULL, *_widths(known)})))
    figure.suptitle(heading)
    handles = {text: line for axes in panels.flat for line, text in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=7, frameon=False)
    return figure


def _widths(effects: pd.DataFrame) -> list[int]:
    return [recipes.bits(recipe) for recipe in effects["recipe"].unique() if recipes.bits(recipe) < _FULL]


def _draw_costs(
    axes: Axes, effects: pd.DataFrame, first: str, step: str, amount: Callable[[str], float], looks: dict[str, dict]
) -> None:
    """Steps of one kind right after the first, from none at 0; a band shows the interval of the pooled line."""
    rows = effects[(effects["without"] == first) & effects["step"].str.match(rf"{step}\d+$")]
    if rows.empty:
        say_instead(axes, f"no recipe {first}-{step}… on every task")
        return
    for arch, look in looks.items():
        line = rows[rows["arch"] == arch]
        line = line.assign(amount=line["recipe"].map(amount)).sort_values("amount", ascending=step == "mp")
        if line.empty:
            continue
        places = [amount(first), *line["amount"]]
        axes.plot(places, [0, *line["difference"]], label=arch, markersize=4, **({"linewidth": 1} | look))
        if arch == POOLED:
            axes.fill_between(places, [0, *line["low"]], [0, *line["high"]], color="0.5", alpha=0.25, linewidth=0)
    axes.axhline(0, color="0.3", linewidth=0.8, zorder=0.9)
