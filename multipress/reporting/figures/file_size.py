"""Score against the size of the file that runs: float, integer, ternary and binary weights, beside published models."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import blended_transform_factory

from multipress.compression import recipes
from multipress.compression.recipes import Variants
from multipress.reporting.figures.model_means import model_means, on_front
from multipress.reporting.figures.pareto import number
from multipress.reporting.figures.published_sizes import draw_published, published_handles
from multipress.reporting.figures.style import left_out, nothing, scale_axes, style
from multipress.reporting.figures.weight_kinds import FLOAT, KINDS, handle, kind_of, mark

_MB = "deployed_mb"

_LISTED = 20
"""Models of the front that the list has room for."""

_LINE, _LETTER = 0.155, 4.82 / 72
"""Height of a line of it and width of a letter in inches."""

_WIDTH = 7.2
"""Of the figure in inches."""

_MARGIN = 1.18
"""How far the axis of sizes goes beyond the outermost models."""

_UPRIGHT = 0.018
"""Height of a letter of an upright name as a share of the panel's."""


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
    if (models["kind"] == FLOAT.label).all():
        return nothing("no model has integer, ternary or binary weights: add steps int, ptq, ter or bin", heading)
    known = models.dropna(subset=["score", _MB])
    uncompressed = known[known["recipe"] == "ft"]
    if uncompressed.empty:
        return nothing("no uncompressed model (ft) has a score on every task", heading)
    against = uncompressed.loc[uncompressed[_MB].idxmax()]
    known = known.assign(times_smaller=against[_MB] / known[_MB], change=known["score"] - against["score"])
    figure = _draw(known, against, published)
    figure.suptitle(heading + left_out(len(models) - len(known)))
    return figure


def _models(results: pd.DataFrame, variants: Variants) -> pd.DataFrame:
    """Means of each model that is not pruned, the kind of its weights, and whether it has fewer layers."""
    models = model_means(results, _MB)
    models = models[[recipes.sparsity(recipe, variants) == 0 for recipe in models["recipe"]]]
    return models.assign(
        kind=[kind_of(recipes.bits(recipe, variants)).label for recipe in models["recipe"]],
        fewer_layers=[_has_fewer_layers(recipe, variants) for recipe in models["recipe"]],
    )


def _has_fewer_layers(recipe: str, variants: Variants) -> bool:
    return any(step.method.name == "reduce_layers" for step in recipes.steps(recipe, variants))


def _draw(known: pd.DataFrame, against: pd.Series, published: pd.DataFrame | None) -> Figure:
    best = known[on_front(known, _MB)].sort_values(_MB, kind="stable")
    figure, panels = _panels(_listed(best), with_published=published is not None)
    limits = _limits([known["times_smaller"], *([] if published is None else [published["times_smaller"]])])
    _draw_ours(panels[0], known, best)
    _scale_ours(panels[0], against, limits)
    _name_architectures(panels[0], known)
    if published is not None:
        draw_published(panels[1], published)
        panels[1].set_xscale("log")
        panels[1].set_xlim(limits)
        _tick(panels[1].xaxis)
    _add_legends(figure, known, published)
    number(panels[0], best[[_MB, "change"]].to_numpy(), figure.dpi)
    return figure


def _panels(lines: list[str], with_published: bool) -> tuple[Figure, list[Axes]]:
    """One panel or two, with the list below the first."""
    columns = 2 if 2 * max(map(len, lines)) * _LETTER < _WIDTH else 1
    rows = -(-len(lines) // columns)
    heights = [4.2, _LINE * rows, 3.0][: 3 if with_published else 2]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 1.3), layout="constrained")
    first, text, *second = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    text.set_axis_off()
    # Across the figure, for the panels' labels are no limit to it.
    place: dict[str, Any] = {"transform": blended_transform_factory(figure.transFigure, text.transAxes), "va": "top"}
    for column in range(columns):
        shown = "\n".join(lines[column * rows : (column + 1) * rows])
        text.text((column + 0.03) / columns, 1, shown, family="DejaVu Sans Mono", fontsize=8, **place)
    return figure, [first, *second]


def _listed(best: pd.DataFrame) -> list[str]:
    """The front as lines of text, the smallest first."""
    shown = best.head(_LISTED).to_dict("records")
    names = [f"{model['arch']}/{model['recipe']}" for model in shown]
    width = max(map(len, names))
    lines = [
        f"{place:2} {name:<{width}} {_short(model[_MB]):>8} MB"
        f" {_short(model['times_smaller']):>5}×{model['change']:+7.2f}"
        for place, (name, model) in enumerate(zip(names, shown, strict=True), 1)
    ]
    more = len(best) - len(shown)
    return [*lines, f"   and {more} more on the front"] if more else lines


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _limits(times_smaller: Iterable[pd.Series]) -> tuple[float, float]:
    """The range of an axis of times smaller that holds them all."""
    every = pd.concat(list(times_smaller))
    return every.min() / _MARGIN, every.max() * _MARGIN


def _draw_ours(axes: Axes, known: pd.DataFrame, best: pd.DataFrame) -> None:
    for kind in KINDS:
        for fewer_layers, models in known[known["kind"] == kind.label].groupby("fewer_layers"):
            mark(axes, models[_MB], models["change"], kind, bool(fewer_layers))
    axes.plot(best[_MB], best["change"], color="0.35", linewidth=0.9, drawstyle="steps-post", zorder=0.9)


def _scale_ours(axes: Axes, against: pd.Series, limits: tuple[float, float]) -> None:
    size = against[_MB]

    def over(values: Any) -> Any:
        """Megabytes to times smaller, and back; matplotlib asks for 0, too."""
        return size / np.maximum(values, 1e-100)

    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlim(size / limits[0], size / limits[1])
    axes.set_xlabel("MB of the file that runs, without its graph (10⁶ bytes; deployed_mb), smaller to the right")
    axes.set_ylabel(f"Change of the mean dev-set score\nin points (tasks: {against['n_tasks']})")
    above = axes.secondary_xaxis("top", functions=(over, over))
    above.set_xlabel(f"times smaller than {against['arch']}/{against['recipe']}")
    _tick(above.xaxis)


def _tick(axis: Axis) -> None:
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:,g}"))


def _name_architectures(axes: Axes, known: pd.DataFrame) -> None:
    """At the foot of the panel, below their uncompressed models; upright, for some are nearly of one size."""
    low, high = axes.get_ylim()
    foot = min(0.4, 0.04 + _UPRIGHT * known["arch"].str.len().max())
    axes.set_ylim(low - foot / (1 - foot) * (high - low), high)
    looks: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "bottom", "color": "0.35", "fontsize": "small"}
    for model in known[known["recipe"] == "ft"].to_dict("records"):
        axes.text(model[_MB], 0.015, model["arch"], transform=axes.get_xaxis_transform(), **looks)


def _add_legends(figure: Figure, known: pd.DataFrame, published: pd.DataFrame | None) -> None:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    others = known.iloc[:0] if published is None else published
    labels = {*known["kind"], *(kind_of(bits).label for bits in others.get("weight_bits", []))}
    weights = [handle(kind.marker, kind.color, kind.color, kind.label) for kind in KINDS if kind.label in labels]
    if known["fewer_layers"].any() or others["fewer_layers"].any():
        weights.append(handle("o", "0.4", "white", "open: fewer layers"))
    columns = len(weights) if published is None else 2
    figure.legend(handles=weights, loc="outside lower left", ncols=columns, frameon=False, title="Weights")
    if published is not None:
        handles, title = published_handles(published), "Published (bits of activations)"
        figure.legend(handles=handles, loc="outside lower right", ncols=2, frameon=False, title=title)
