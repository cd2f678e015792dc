"""Do sizes multiply in the paper's own Figure 1? By its rule and by its curves, each beside scores that add up."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from multipress.reporting.figures.ratio_rows import LOOKS, Look, draw_rows
from multipress.reporting.figures.style import labelled, style

_LOOKS = {"printed": Look("D", "#222222", "#222222", "the paper's Table 1 as printed"), **LOOKS}


@style()
def multiply(table: pd.DataFrame) -> Figure:
    """A row for each combination, its ratios over the product side by side; bars are what reading errors can do.

    Args:
        table: The table of ``multipress.analysis.reference_check``.
    """
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.axvline(1, color="0.3", linewidth=1)
    draw_rows(axes, table, _LOOKS)
    _write_numbers(axes)
    axes.set_yticks(range(len(table)), table["combination"])
    axes.set_xlabel("Times smaller, over the product of the single methods (1: sizes multiply)")
    axes.set_title("The paper's own figure: do sizes multiply?")
    axes.spines[["top", "right"]].set_visible(False)
    handles = labelled([axes])
    figure.legend(
        handles.values(),
        handles,
        loc="outside lower center",
        ncols=2,
        frameon=False,
        title="Bars: where 95 % of other readings of the digitized figure lie",
    )
    return figure


def _write_numbers(axes: Axes) -> None:
    for line in axes.lines[1:]:
        for value, place in np.asarray(line.get_xydata()):
            axes.annotate(
                f"{value:.2f}",
                (value, place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize="x-small",
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )
