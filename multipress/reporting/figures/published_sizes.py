"""What others published of extreme compression: the change of the score against times smaller."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from multipress.reporting.figures.weight_kinds import FLOAT_BITS, handle, kind_of, mark

_MARKERS = {"XTC": "o", "XTC rerun": "x", "BinaryBERT": "D", "BiT": "p"}
"""Of published models; a cross shows on the circle that it repeats."""


def draw_published(axes: Axes, published: pd.DataFrame) -> None:
    """A mark for the change on MNLI, and a bar from there to the mean over all tasks of the source.

    Args:
        axes: Of times smaller and points.
        published: The table of ``multipress.analysis.extreme``.
    """
    for model in published.to_dict("records"):
        kind, times = kind_of(model["weight_bits"]), model["times_smaller"]
        if model["change_all"] != model["change"]:
            axes.plot([times] * 2, [model["change"], model["change_all"]], "_-", color=kind.color, linewidth=0.8)
        mark(axes, times, model["change"], kind, model["fewer_layers"], _MARKERS[model["model"]])
    axes.set_title("As published of BERT-base: on MNLI; bars end at the mean over all tasks of the source")
    axes.set_xlabel("times smaller than the float model (XTC: its matrices alone, computed; others: as printed)")
    axes.set_ylabel("Change in points")


def published_handles(published: pd.DataFrame) -> list[Line2D]:
    """A mark for each published model, and what its activations have where its weights are quantized."""
    quantized = published[published["weight_bits"] < FLOAT_BITS]
    bits = {
        model: ", ".join(map(str, dict.fromkeys(rows["activation_bits"])))
        for model, rows in quantized.groupby("model", sort=False)
    }
    return [handle(_MARKERS[model], "0.4", "0.4", f"{model} ({found})") for model, found in bits.items()]
