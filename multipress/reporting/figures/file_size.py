"""Score against the size of the file that runs: float, integer, ternary and binary weights, beside published models."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import blended_transform_factory

from multipress.analysis.pareto import on_front
from multipress.compression import recipes
from multipress.compression.recipes import Variants
from multipress.reporting.figures.model_means import model_means
from multipress.reporting.figures.pareto import number
from multipress.reporting.figures.style import left_out, nothing, scale_axes, style

_MB = "deployed_mb"

_FLOAT_BITS, _TERNARY_BITS, _BINARY_BITS = 32, 2, 1
"""Bits of a weight as recipes count them."""


class _Family(NamedTuple):
    """Models whose weights are of one kind."""

    label: str
    color: str
    marker: str


_FLOAT = _Family("float", "#222222", "o")
_INTEGER = _Family("integer", "#0173b2", "s")
_TERNARY = _Family("ternary", "#de8f05", "^")
_BINARY = _Family("binary", "#7b3294", "D")

_FAMILIES = [_FLOAT, _INTEGER, _TERNARY, _BINARY]

_SOURCES = {"XTC": "o", "XTC rerun": "x", "BinaryBERT": "D", "BiT": "p"}
"""Markers of published models; a cross shows on the circle that it repeats."""

_LISTED = 20
"""Models of the front that the list has room for."""

_LINE, _LETTER = 0.155, 4.82 / 72
"""Height of a line of it and width of a letter in inches."""

_WIDTH = 7.2
"""Of the figure in inches."""

_MARGIN = 1.18
"""How far the axis of sizes goes beyond the outermost models."""

_FOOT = 0.16
"""Share of the panel's height below all models, for the names of architectures."""


@style()
def file_size(results: pd.DataFrame, variants: Variants, heading: str, published: pd.DataFrame | None = None) -> Figure:
    """The mean score against the size of the file that runs, both against the largest uncompressed model.

    Pruned models are left out: their files are as large as those of unpruned ones.

    Args:
        results: The table that ``multipress.evaluation.results_table.tabulate`` makes; a model that lacks a task or
            seed is left out, and the heading counts them.
        variants: The steps that variants in recipes vary.
        heading: Text above all.
        published: The table of ``multipress.analysis.extreme``; in a second panel on the same axis of sizes, if given.
    """
    models = _models(results, variants)
    if (models["family"] == _FLOAT.label).all():
        return nothing("no model has integer, ternary or binary weights: add steps int, ptq, ter or bin", heading)
    known = models.dropna(subset=["score", _MB])
    uncompressed = known[known["recipe"] == "ft"]
    if uncompressed.empty:
        return nothing("no uncompressed model (ft) has a score on every task", heading)
    against = uncompressed.loc[uncompressed[_MB].idxmax()]
    known = known.assign(times_smaller=against[_MB] / known[_MB], change=known["score"] - against["score"])
    best = known[on_front(known[_MB].to_numpy(), known["score"].to_numpy())].sort_values(_MB, kind="stable")
    figure, panels = _panels(_listed(best), with_published=published is not None)
    _draw_ours(panels[0], known, best)
    limits = _limits([known["times_smaller"], *([] if published is None else [published["times_smaller"]])])
    _scale_ours(panels[0], against, limits)
    _name_architectures(panels[0], known)
    if published is not None:
        _draw_published(panels[1], published, limits)
    figure.suptitle(heading + left_out(len(models) - len(known)))
    _add_legends(figure, panels[0], known, published)
    number(panels[0], best[[_MB, "change"]].to_numpy(), figure.dpi)
    return figure


def _models(results: pd.DataFrame, variants: Variants) -> pd.DataFrame:
    """Means of each model that is not pruned, the kind of its weights, and whether it has fewer layers."""
    models = model_means(results, _MB)
    models = models[[recipes.sparsity(recipe, variants) == 0 for recipe in models["recipe"]]]
    return models.assign(
        family=[_family(recipes.bits(recipe, variants)).label for recipe in models["recipe"]],
        fewer_layers=[
            any(step.method.name == "reduce_layers" for step in recipes.steps(recipe, variants))
            for recipe in models["recipe"]
        ],
    )


def _family(bits: int) -> _Family:
    return {_FLOAT_BITS: _FLOAT, _TERNARY_BITS: _TERNARY, _BINARY_BITS: _BINARY}.get(bits, _INTEGER)


def _panels(lines: list[str], with_published: bool) -> tuple[Figure, list[Axes]]:
    """One panel or two, with the list between them in columns."""
    columns = 2 if 2 * max(map(len, lines)) * _LETTER < _WIDTH else 1
    rows = -(-len(lines) // columns)
    heights = [4.2, _LINE * rows, 3.0][: 3 if with_published else 2]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 1.3), layout="constrained")
    first, text, *second = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    text.set_axis_off()
    for column in range(columns):
        shown = "\n".join(lines[column * rows : (column + 1) * rows])
        text.text(
            # From the figure's edge, for the panels' labels are no limit to it.
            (column + 0.03) / columns,
            1,
            shown,
            va="top",
            family="DejaVu Sans Mono",
            fontsize=8,
            transform=blended_transform_factory(figure.transFigure, text.transAxes),
        )
    return figure, [first, *second]


def _listed(best: pd.DataFrame) -> list[str]:
    """The front as lines of text, the smallest first."""
    shown = best.head(_LISTED).to_dict("records")
    width = max(len(f"{model['arch']}/{model['recipe']}") for model in shown)
    lines = [
        f"{place:2} {model['arch'] + '/' + model['recipe']:<{width}}"
        f" {_short(model[_MB]):>8} MB {_short(model['times_smaller']):>5}×{model['change']:+7.2f}"
        for place, model in enumerate(shown, 1)
    ]
    more = len(best) - len(shown)
    return [*lines, f"   and {more} more on the front"] if more else lines


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _draw_ours(axes: Axes, known: pd.DataFrame, best: pd.DataFrame) -> None:
    for family in _FAMILIES:
        of_family = known[known["family"] == family.label]
        for fewer_layers, models in of_family.groupby("fewer_layers"):
            face = "white" if fewer_layers else family.color
            _mark(axes, models[_MB], models["change"], family.marker, family.color, face)
    axes.plot(best[_MB], best["change"], color="0.35", linewidth=0.9, drawstyle="steps-post", zorder=0.9)


def _mark(axes: Axes, x: Any, y: Any, marker: str, color: str, face: str) -> None:
    """Marks that stay apart where they overlap: filled ones have a thin white edge."""
    is_line = face == "white" or marker == "x"
    edge, width = (color, 1.1) if is_line else ("white", 0.4)
    looks = {"markerfacecolor": face, "markeredgecolor": edge, "markeredgewidth": width}
    axes.plot(x, y, linestyle="", marker=marker, markersize=6, **looks)


def _name_architectures(axes: Axes, known: pd.DataFrame) -> None:
    """At the foot of the panel, below their uncompressed models; upright, for some are nearly of one size."""
    low, high = axes.get_ylim()
    axes.set_ylim(low - _FOOT * (high - low), high)
    for model in known[known["recipe"] == "ft"].to_dict("records"):
        axes.text(
            model[_MB],
            0.015,
            model["arch"],
            rotation=90,
            ha="center",
            va="bottom",
            color="0.35",
            fontsize="small",
            transform=axes.get_xaxis_transform(),
        )


def _limits(times_smaller: Iterable[pd.Series]) -> tuple[float, float]:
    """The range of an axis of times smaller that holds them all."""
    every = pd.concat(list(times_smaller))
    return every.min() / _MARGIN, every.max() * _MARGIN


def _scale_ours(axes: Axes, against: pd.Series, limits: tuple[float, float]) -> None:
    size = against[_MB]
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlim(size / limits[0], size / limits[1])
    axes.set_xlabel("MB of the file that runs (10⁶ bytes; deployed_mb), smaller to the right")
    axes.set_ylabel(f"Change of the mean dev-set score\nin points (tasks: {against['n_tasks']})")
    above = axes.secondary_xaxis("top", functions=(_over(size), _over(size)))
    above.set_xlabel(f"times smaller than {against['arch']}/{against['recipe']}")
    _tick(above)


def _over(size: float) -> Callable[[np.ndarray], np.ndarray]:
    """Megabytes to times smaller, and back; matplotlib asks for 0, too."""
    return lambda values: size / np.maximum(values, np.finfo(float).tiny ** 0.5)


def _tick(axes: Axes) -> None:
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:,g}"))


def _draw_published(axes: Axes, published: pd.DataFrame, limits: tuple[float, float]) -> None:
    """A mark for the change on MNLI, and a bar from there to the mean over all tasks of the source."""
    for model in published.to_dict("records"):
        family = _family(model["weight_bits"])
        face = "white" if model["fewer_layers"] else family.color
        if model["change_all"] != model["change"]:
            ends = [model["change"], model["change_all"]]
            axes.plot([model["times_smaller"]] * 2, ends, "_-", color=family.color, linewidth=0.8)
        marker = _SOURCES[model["model"]]
        _mark(axes, model["times_smaller"], model["change"], marker, family.color, face)
    axes.set_xscale("log")
    axes.set_xlim(limits)
    _tick(axes)
    axes.set_title("As published of BERT-base: on MNLI; bars end at the mean over all tasks of the source")
    axes.set_xlabel("times smaller than the float model (XTC: its matrices alone, computed; others: as printed)")
    axes.set_ylabel("Change in points")


def _add_legends(figure: Figure, axes: Axes, known: pd.DataFrame, published: pd.DataFrame | None) -> None:
    for each in figure.axes:
        each.spines[["top", "right"]].set_visible(False)
    others = [] if published is None else [_family(bits).label for bits in published["weight_bits"]]
    shown = [family for family in _FAMILIES if family.label in {*known["family"], *others}]
    weights = [_handle(family.marker, family.color, family.color, family.label) for family in shown]
    cut = known["fewer_layers"].any() or (published is not None and published["fewer_layers"].any())
    weights += [_handle("o", "0.4", "white", "open: fewer layers")] if cut else []
    columns = len(weights) if published is None else 2
    figure.legend(handles=weights, loc="outside lower left", ncols=columns, frameon=False, title="Weights")
    if published is not None:
        title = "Published (bits of activations)"
        figure.legend(handles=_sources(published), loc="outside lower right", ncols=2, frameon=False, title=title)


def _sources(published: pd.DataFrame) -> list[Line2D]:
    """A mark for each published model, and what its activations have where its weights are quantized."""
    quantized = published[published["weight_bits"] < _FLOAT_BITS]
    bits = {
        model: ", ".join(map(str, dict.fromkeys(rows["activation_bits"])))
        for model, rows in quantized.groupby("model", sort=False)
    }
    return [_handle(_SOURCES[model], "0.4", "0.4", f"{model} ({found})") for model, found in bits.items()]


def _handle(marker: str, color: str, face: str, label: str) -> Line2D:
    looks = {"markersize": 6, "markerfacecolor": face, "markeredgecolor": color}
    return Line2D([], [], linestyle="", marker=marker, label=label, **looks)
