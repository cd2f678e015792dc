"""How far the hidden states of each layer are from the dense parent's, beside how far two dense parents are."""

from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.dissection.tables import COMPRESSED, NOISE_FLOOR
from multipress.reporting.figures.style import nothing, style

_DARK = 0.55
"""The share of the darkest colour from which text is white."""


@style()
def divergence_by_layer(similarity: pd.DataFrame, heading: str) -> Figure:
    """1 - CKA by layer and recipe, mean over seeds, a panel for each task and architecture; on the left the floor.

    Args:
        similarity: The table of ``multipress.dissection.dissect``.
        heading: Text above all.
    """
    if similarity.empty or not (similarity["kind"] == COMPRESSED).any():
        return nothing("no compressed model has been compared with its dense parent", heading)
    table = similarity.assign(apart=1 - similarity["cka"])
    panels = list(table.groupby(["task", "arch"], sort=False))
    columns = max(len(_columns(panel)) for _, panel in panels)
    layers = int(table["against_layer"].max()) + 1
    figure = Figure(
        figsize=(max(7.2, 1.5 + 0.62 * columns), (1.6 + 0.32 * layers) * len(panels) + 0.7), layout="constrained"
    )
    darkest = max(float(table["apart"].max()), 0.05)
    several = table["arch"].nunique() > 1
    for axes, ((task, arch), panel) in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        _draw(axes, panel, darkest)
        axes.set_title(f"{task}, {arch}" if several else task, loc="left")
    figure.suptitle(heading)
    figure.supxlabel(
        "1 - linear CKA on the same tokens, mean over seeds: 0 is the same but for rotation and scale\n"
        "on the left the noise floor: dense parents of two seeds, the farthest pair; in brackets, all seeds within it",
        fontsize="small",
    )
    return figure


def _columns(panel: pd.DataFrame) -> list[tuple[str, str]]:
    """Kind and recipe of each column: the floors, then the compressed models in the order of the table."""
    names = panel[["kind", "recipe"]].drop_duplicates().itertuples(index=False, name=None)
    return sorted(names, key=lambda name: name[0] != NOISE_FLOOR)


def _draw(axes: Axes, panel: pd.DataFrame, darkest: float) -> None:
    columns, layers = _columns(panel), sorted(panel["against_layer"].unique(), reverse=True)
    floors = panel[panel["kind"] == NOISE_FLOOR].groupby(["against", "against_layer"])["apart"].max()
    of_compressed = panel[panel["kind"] == COMPRESSED].groupby(["recipe", "against_layer"])["apart"]
    means, farthest = of_compressed.mean(), of_compressed.max()
    parents = dict(panel[["recipe", "against"]].itertuples(index=False, name=None))
    cells = np.full((len(layers), len(columns)), np.nan)
    marks = np.full(cells.shape, "", dtype=object)
    for column, (kind, recipe) in enumerate(columns):
        for row, layer in enumerate(layers):
            value = (floors if kind == NOISE_FLOOR else means).get((recipe, layer), np.nan)
            most = farthest.get((recipe, layer), np.inf)
            within = kind == COMPRESSED and most <= floors.get((parents[recipe], layer), -np.inf)
            cells[row, column] = value
            marks[row, column] = "" if np.isnan(value) else f"({value:.2f})" if within else f"{value:.2f}"
    axes.set_facecolor("0.93")
    sns.heatmap(cells, ax=axes, cmap="Greys", vmin=0, vmax=darkest, cbar=False, xticklabels=False, yticklabels=False)
    for (row, column), text in np.ndenumerate(marks):
        color = "white" if cells[row, column] > _DARK * darkest else "0.1"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize="small", color=color)
    names = [fill(f"{recipe}, other seed" if kind == NOISE_FLOOR else recipe, 10) for kind, recipe in columns]
    axes.set_xticks(np.arange(len(columns)) + 0.5, names, rotation=90 if len(columns) > 14 else 0)
    axes.set_yticks(np.arange(len(layers)) + 0.5, [f"{layer}" if layer else "words" for layer in layers])
    axes.set_ylabel("Layer of the parent")
    if edge := sum(kind == NOISE_FLOOR for kind, _ in columns):
        axes.axvline(edge, color="0.2", linewidth=1.5)
    axes.spines[:].set_visible(True)
    axes.grid(False)
