"""What all figures share: settings, the subsets' colours and markers, axes, legends, files."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from multipress.compression.subsets import NONE, is_quantized, parts, subset_order
from multipress.core.files import replacing
from multipress.reporting.figures.mako import mako

_UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
"""The file formats, each with the metadata that keeps the time of drawing out of the file."""

_BLACK = "#222222"
_BLUE, _ORANGE, _GREEN = "#0173b2", "#de8f05", "#029e73"
"""The first colours of seaborn's palette for the colour-blind; further ones follow below."""

_TRAINED = {"none": (_BLACK, "o"), "KD": (_BLUE, "s"), "MP": (_ORANGE, "^"), "KD+MP": (_GREEN, "P")}
"""Colour and marker say how the weights were trained; a dashed line with open markers says that they are quantized."""

_FURTHER_COLORS = ["#d55e00", "#cc78bc", "#56b4e9", "#ca9161", "#949494"]
_FURTHER_MARKERS = "vDXphd*"
"""Colours and markers of all other subsets, in turns: the first 35 subsets differ in one or the other."""

_MARKERS = "osD^vPXp"
"""Markers of architectures."""

PUBLISHED = "as published (read off the paper's Figure 1)"

SYNTHETIC = "Synthetic GLUE – not comparable with the paper"

_LEAST_SPAN = 2.0
"""Score points that a vertical axis spans at least, so that noise does not fill it."""


_PAPER = 0.8
"""The scale of seaborn's context paper."""

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "multipress",
    "text.parse_math": False,
    "font.sans-serif": ["DejaVu Sans"],
    # What follows is seaborn's style whitegrid in the context paper, with a paler grid and darker axes.
    "font.size": _PAPER * 12,
    "axes.labelsize": _PAPER * 12,
    "axes.titlesize": _PAPER * 12,
    "legend.title_fontsize": _PAPER * 12,
    "legend.fontsize": _PAPER * 11,
    "xtick.labelsize": _PAPER * 11,
    "ytick.labelsize": _PAPER * 11,
    "text.color": "0.15",
    "axes.labelcolor": "0.15",
    "xtick.color": "0.15",
    "ytick.color": "0.15",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": _PAPER * 1.25,
    "axes.edgecolor": "0.4",
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "lines.linewidth": _PAPER * 1.5,
    "lines.markersize": _PAPER * 6,
    "lines.solid_capstyle": "round",
    "patch.linewidth": _PAPER,
    "patch.edgecolor": "white",
    "patch.force_edgecolor": True,
    "xtick.bottom": False,
    "ytick.left": False,
    "xtick.major.size": _PAPER * 6,
    "ytick.major.size": _PAPER * 6,
    "xtick.minor.size": _PAPER * 4,
    "ytick.minor.size": _PAPER * 4,
    "xtick.major.width": _PAPER * 1.25,
    "ytick.major.width": _PAPER * 1.25,
    "xtick.minor.width": _PAPER,
    "ytick.minor.width": _PAPER,
}
"""Where they differ from matplotlib's defaults."""


@contextmanager
def style() -> Iterator[None]:
    """The same settings on every machine: a user's matplotlibrc has no effect, and SVG ids are the same in each run."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


@style()
def save(figure: Figure, prefix: Path, dots_per_inch: int) -> None:
    """Write ``prefix``.svg, .pdf and .png: the same bytes for the same figure, whenever and wherever it is drawn.

    All three have the layout of the svg. ``dots_per_inch`` is the resolution of the png.
    """
    _lay_out(figure)
    for suffix, metadata in _UNDATED.items():
        with replacing(f"{prefix}.{suffix}") as temporary:
            figure.savefig(temporary, format=suffix, dpi=dots_per_inch, metadata=metadata)


def _lay_out(figure: Figure) -> None:
    """Place all parts now, once: ``savefig`` would do it again for each format, and draw twice for that."""
    engine = figure.get_layout_engine()
    if engine is None:
        return  # it has been saved before
    FigureCanvasSVG(figure)  # from now on the figure's canvas: it knows how wide texts are
    engine.execute(figure)
    figure.set_layout_engine(None)


class SubsetStyle(NamedTuple):
    """How the models of a subset of compressions are drawn."""

    color: str
    marker: str
    line: str
    face: str
    """The marker's face colour."""


def legend_order(subsets: Iterable[str]) -> list[str]:
    """Subsets as a legend lists them, each once: the float one, then the one with the same compressions in integers.

    The paper's fill four columns, each with the float curve above and the quantized one below.
    """
    return sorted(set(subsets), key=lambda subset: (subset_order(_unquantized(subset)), subset_order(subset)))


def _unquantized(subset: str) -> str:
    return "+".join(part for part in parts(subset) if not is_quantized(part)) or NONE


def subset_styles(subsets: Iterable[str]) -> dict[str, SubsetStyle]:
    """How each subset is drawn, in the order of the legend.

    QAT has the colour and marker of the float subset, PTQ has its own. Those of the paper's subsets are fixed; others
    follow from their order among the given ones, so figures of the same models agree.
    """
    order = legend_order(subsets)
    trained = {subset: _unquantized(subset) if parts(subset)[:1] == ["QAT"] else subset for subset in order}
    further = [name for name in dict.fromkeys(trained.values()) if name not in _TRAINED]
    trained_styles = _TRAINED | {
        name: (_FURTHER_COLORS[number % len(_FURTHER_COLORS)], _FURTHER_MARKERS[number % len(_FURTHER_MARKERS)])
        for number, name in enumerate(further)
    }
    return {subset: _style_of(subset, *trained_styles[trained[subset]]) for subset in order}


def _style_of(subset: str, color: str, marker: str) -> SubsetStyle:
    hollow = is_quantized(subset)
    return SubsetStyle(color, marker, "--" if hollow else "-", "white" if hollow else color)


def draw_curve(axes: Axes, curve: pd.DataFrame, cost: str, subset: str, marks: SubsetStyle) -> None:
    """The scores of ``curve`` against its column ``cost``, in the order of its rows and in the style of a subset.

    A band shows one standard deviation over seeds (``score_std``) to each side, where there is one.
    """
    axes.plot(
        curve[cost],
        curve["score"],
        label=subset,
        color=marks.color,
        linestyle=marks.line,
        linewidth=1.2,
        marker=marks.marker,
        markersize=5,
        markerfacecolor=marks.face,
    )
    if curve["score_std"].notna().any():
        low, high = (curve["score"] + side * curve["score_std"] for side in (-1, 1))
        axes.fill_between(curve[cost], low, high, color=marks.color, alpha=0.12, linewidth=0, zorder=0.5)


def draw_points(axes: Axes, x: pd.Series, y: pd.Series, subset: str, marks: SubsetStyle) -> None:
    """Points that nothing joins, in the style of a subset."""
    axes.plot(x, y, marks.marker, color=marks.color, markerfacecolor=marks.face, markersize=5, label=subset)


def labelled(axes: Iterable[Axes]) -> dict[str, Any]:
    """What a legend of these panels may name: the handle of each label."""
    return {label: handle for each in axes for handle, label in zip(*each.get_legend_handles_labels(), strict=True)}


def architecture_styles(archs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Colour and marker of each architecture, largest first: smaller ones are lighter, in grey, too."""
    colors = mako(len(archs) + 1)
    return {
        arch: {"color": color, "marker": _MARKERS[number % len(_MARKERS)]}
        for number, (arch, color) in enumerate(zip(archs, colors, strict=False))
    }


def say_instead(axes: Axes, text: str, width: int = 40) -> None:
    """Write why there is nothing to draw instead of a drawing, up to ``width`` letters to a line."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, fill(text, width), ha="center", va="center", color="0.35", transform=axes.transAxes)


def nothing(text: str, heading: str) -> Figure:
    """A figure that says why it shows nothing."""
    figure = Figure(figsize=(7.2, 1.6), layout="constrained")
    say_instead(figure.subplots(), text, width=80)
    figure.suptitle(heading)
    return figure


def columns_that_fit(figure: Figure, labels: Iterable[str], most: int) -> int:
    """How many columns a legend of the figure may have, ``most`` at most, so that no label is cut."""
    letters = max(map(len, labels))
    return max(1, min(most, int(figure.get_figwidth() / (0.6 + 0.075 * letters))))


def left_out(models: int) -> str:
    """The second line of a title: how many models are not drawn; empty if there is none."""
    return f"\n(models left out for want of a task: {models})" if models else ""


def name_architectures(
    axes: Axes, uncompressed: pd.DataFrame, cost: str = "paper_mb", offset: tuple[int, int] = (-4, -4)
) -> None:
    """Write the architectures' names at their uncompressed models, ``offset`` points to the right and above."""
    for model in uncompressed.to_dict("records"):
        axes.annotate(
            model["arch"],
            (model[cost], model["score"]),
            xytext=offset,
            textcoords="offset points",
            ha="right" if offset[0] < 0 else "center",
            va="top" if offset[1] < 0 else "bottom",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,  # above every curve, where its white edge keeps it apart from them
        )


def scale_axes(axes: Axes, ticks: tuple[int, ...]) -> None:
    """Logarithmic decreasing cost, labelled at ``ticks`` times the powers of ten; scores that do not blow up noise."""
    axes.set_xscale("log")
    axes.margins(x=0.08)
    axes.xaxis.set_inverted(True)
    axes.xaxis.set_major_locator(LogLocator(subs=ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,g}"))
    low, high = axes.get_ylim()
    padding = max(0.0, _LEAST_SPAN - (high - low)) / 2
    axes.set_ylim(low - padding, high + padding)


def heading(text: str, synthetic: bool) -> str:
    """A figure's heading; that data are synthetic goes before all else."""
    return f"{SYNTHETIC}\n{text}" if synthetic else text


def title(data: pd.Series, cost: str = "size") -> str:
    """What a figure shows; synthetic data go before all else."""
    return SYNTHETIC if data.str.contains("synthetic").any() else f"Compressed BERTs: score against {cost}"


def add_legend(figure: Figure, seeds: int = 1, remark: str = "") -> None:
    """One legend of all panels, below them, under what bands show and a remark."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    curves = labelled(figure.axes)
    shown = legend_order(curves)
    bands = f"Bands: ± one standard deviation over seeds, n = {seeds}" if seeds > 1 else ""
    figure.legend(
        [curves[label] for label in shown],
        shown,
        loc="outside lower center",
        ncols=4,
        frameon=False,
        handlelength=3.5,
        title="\n".join(filter(None, [bands, remark])),
    )
