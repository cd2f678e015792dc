"""What a linear model finds in the layers of each model: a panel for each probe."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from multipress.dissection.probes.settings import UNTRAINED
from multipress.reporting.figures.mako import mako
from multipress.reporting.figures.style import columns_that_fit, nothing, say_instead, style

_MARKERS = "os^DvPX"
_DENSE = "#222222"
_FLOOR = "#d55e00"

_MAJORITY = "most frequent label"


@style()
def probes_figure(probes: pd.DataFrame, heading: str) -> Figure:
    """Accuracy against the layer, means over tasks and seeds: a row of panels for each architecture.

    Uncompressed models are black, dashed lines the untrained model, dotted ones the majority's label.

    Args:
        probes: The table of ``multipress.dissection.probes``.
        heading: Text above all.
    """
    known = probes.dropna(subset=["accuracy"])
    if known.empty:
        return nothing("no probe has enough examples", heading)
    archs, names = list(known["arch"].unique()), list(probes["probe"].unique())
    columns = min(3, len(names))
    rows = -(-len(names) // columns) * len(archs)
    figure = Figure(figsize=(max(7.2, 3.2 * columns), 2.4 * rows + 1), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    looks = _looks([name for name in known["recipe"].unique() if name != UNTRAINED])
    of_arch = len(panels) // len(archs)
    for number, arch in enumerate(archs):
        own = panels[number * of_arch : (number + 1) * of_arch]
        for axes in own[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(own, names, strict=False):
            models = known[(known["arch"] == arch) & (known["probe"] == name)]
            _draw(axes, models, looks)
            kind = probes.loc[probes["probe"] == name, "kind"].iloc[0]
            label = f"{name.replace('_', ' ')} ({kind})"
            axes.set_title(f"{arch}: {label}" if len(archs) > 1 else label, loc="left")
    figure.suptitle(heading)
    for axes in panels[-columns:]:
        axes.set_xlabel("Layer (0: embeddings)")
    for axes in panels[::columns]:
        axes.set_ylabel("Accuracy, %")
    _add_legend(figure, looks, known)
    return figure


def _looks(recipes: list[str]) -> dict[str, dict[str, Any]]:
    """Colour and marker of each recipe; those that are one step alone are black."""
    dense = [name for name in recipes if "-" not in name]
    others = [name for name in recipes if "-" in name]
    colors = mako(len(others) + 2)[1:]
    found = {name: {"color": _DENSE, "marker": _MARKERS[number % 7]} for number, name in enumerate(dense)}
    return found | {
        name: {"color": color, "marker": _MARKERS[(number + len(dense)) % len(_MARKERS)]}
        for number, (name, color) in enumerate(zip(others, colors, strict=False))
    }


def _draw(axes: Axes, models: pd.DataFrame, looks: dict[str, dict[str, Any]]) -> None:
    if models.empty:
        say_instead(axes, "left out: probes.csv says why")
        return
    means = 100 * models.groupby(["recipe", "layer"])[["accuracy", "majority"]].mean()
    for recipe, own in looks.items():
        if recipe in means.index:
            axes.plot(means.loc[recipe, "accuracy"], markersize=4, linewidth=1.2, **own)
    if UNTRAINED in means.index:
        axes.plot(means.loc[UNTRAINED, "accuracy"], "--", color=_FLOOR, linewidth=1)
    axes.axhline(means["majority"].mean(), color="0.5", linestyle=":", linewidth=1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)


def _add_legend(figure: Figure, looks: dict[str, dict[str, Any]], known: pd.DataFrame) -> None:
    handles = [Line2D([], [], markersize=4, label=recipe, **own) for recipe, own in looks.items()]
    handles.append(Line2D([], [], color=_FLOOR, linestyle="--", label=UNTRAINED))
    handles.append(Line2D([], [], color="0.5", linestyle=":", label=_MAJORITY))
    seeds = known.loc[known["recipe"] != UNTRAINED, "seed"].nunique()
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=columns_that_fit(figure, [str(handle.get_label()) for handle in handles], most=6),
        frameon=False,
        title=f"Mean over {', '.join(known['task'].unique())}; seeds: {seeds}",
    )
