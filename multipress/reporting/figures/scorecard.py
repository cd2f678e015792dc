"""The paper's numbers beside ours, and its claims beside what ours say of them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

from multipress.analysis.verdicts import CAN_NOT_TELL, NOT_SUPPORTED, SUPPORTED
from multipress.compression import recipes
from multipress.reporting.figures.style import draw_points, labelled, legend_order, say_instead, style, subset_styles

_QUANTITIES = {
    "ratio": ("Table 1: times smaller by the paper's rule", "times smaller"),
    "score difference": ("Figure 1: points gained over the uncompressed model", "points"),
}
"""What is compared, the panels' titles, and the unit."""

_UNITS = {"share of": "share (0 to 1)", "observed ratio": "× the product"}
"""The units of claims' numbers by how their quantities begin; of all others the number is a quotient of two methods."""

_SIGNS = {SUPPORTED: "✓", NOT_SUPPORTED: "✗", CAN_NOT_TELL: "?"}
_NOT_JUDGED = "○"


@style()
def scorecard(comparison: pd.DataFrame, claims: pd.DataFrame, confidence: float, heading: str) -> Figure:
    """Ours against the paper's, for Table 1 and for Figure 1 as differences; below them, claim by claim.

    Args:
        comparison: The table of ``multipress.analysis.comparison``.
        claims: The table of ``multipress.analysis.claims``.
        confidence: Confidence of the intervals.
        heading: Text above all.
    """
    comparable = comparison["ours"].notna().any()
    heights = [4.8 if comparable else 1.1, 0.24 * (len(claims) + 2)]
    figure = Figure(figsize=(11.0, sum(heights)), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    if comparable:
        panels = above.subplots(1, 2)
        for axes, (quantity, words) in zip(panels, _QUANTITIES.items(), strict=True):
            _draw_pairs(axes, comparison[comparison["quantity"] == quantity], *words)
        _scale(panels[0])
        handles = labelled(panels)
        shown = legend_order(handles)
        above.legend([handles[name] for name in shown], shown, loc="outside lower center", ncols=7, frameon=False)
    else:
        say_instead(above.subplots(), f"nothing to compare: {comparison['note'].iloc[0]}", width=85)
    _write_claims(below.subplots(), claims, confidence)
    figure.suptitle(heading)
    return figure


def _draw_pairs(axes: Axes, pairs: pd.DataFrame, name: str, unit: str) -> None:
    """Ours over the paper's; the diagonal is agreement. The title counts those that ours lack."""
    known = pairs.dropna(subset=["ours"])
    lacking = f"\n(left out, not known of ours: {len(pairs) - len(known)})" if len(known) < len(pairs) else ""
    axes.set_title(name + lacking, fontsize="medium")
    if known.empty:
        say_instead(axes, f"nothing to compare: {pairs['note'].iloc[0]}")
        return
    ends = [known[["paper", "ours"]].to_numpy().min(), known[["paper", "ours"]].to_numpy().max()]
    axes.plot(ends, ends, color="0.6", linewidth=0.8)
    subsets = known["method"].where(known["recipe"].fillna("") == "", known["recipe"].map(_subset))
    for subset, marks in subset_styles(subsets).items():
        points = known[subsets == subset]
        draw_points(axes, points["paper"], points["ours"], subset, marks)
    axes.set(xlabel=f"the paper's ({unit})", ylabel=f"ours ({unit})")


def _scale(axes: Axes) -> None:
    axes.loglog()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))


def _subset(recipe: object) -> str:
    return recipes.subset(recipe) if isinstance(recipe, str) and recipe else ""


def _write_claims(axes: Axes, claims: pd.DataFrame, confidence: float) -> None:
    axes.set_axis_off()
    rows = [
        [
            claim["claim"],
            f"{_sign(claim['at_equal_score'])} {_interval(claim, 'curve', 'curve_low', 'curve_high')}",
            _number(claim["paper_curve"]),
            f"{_sign(claim['beyond_additivity'])} {_number(claim['beyond'])}".strip(),
            f"{_sign(claim['under_the_rule'])} {_interval(claim, 'ours', 'low', 'high')}",
            f"{_SIGNS[claim['paper_says']]} {claim['paper']:.2f}",
            _unit(claim["quantity"]),
        ]
        for claim in claims.to_dict("records")
    ]
    table = axes.table(
        [*rows, [_legend(claims), *[""] * 6]],
        colLabels=[
            "Claim of the paper",
            f"at equal score [{confidence:.0%} interval]",
            "its figure",
            "interaction",
            f"its rule, ours [{confidence:.0%} interval]",
            "its own",
            "unit",
        ],
        colWidths=[0.27, 0.19, 0.07, 0.09, 0.19, 0.07, 0.12],
        cellLoc="left",
        colLoc="left",
        bbox=Bbox.unit(),
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for cell in table.get_celld().values():
        cell.set_edgecolor("0.85")
        cell.PAD = 0.03
        cell.visible_edges = "B"


def _sign(verdict: str | float) -> str:
    """The sign of a verdict; nothing for one that is not asked for."""
    return _SIGNS.get(verdict, "") if isinstance(verdict, str) else _NOT_JUDGED


def _unit(quantity: str) -> str:
    return next((unit for start, unit in _UNITS.items() if quantity.startswith(start)), "quotient of both")


def _legend(claims: pd.DataFrame) -> str:
    if claims["under_the_rule"].isna().any():
        return f"✓ speaks for the claim   {_NOT_JUDGED} {claims['note'].iloc[0]}"
    return "✓ speaks for the claim   ✗ against it   ? can't tell"


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.2f}"


def _interval(claim: dict, value: str, low: str, high: str) -> str:
    if np.isnan(claim[value]):
        return "NA"
    if np.isnan(claim[low]):
        return f"{claim[value]:.2f} (no interval)"
    return f"{claim[value]:.2f} [{claim[low]:.2f}, {claim[high]:.2f}]"
