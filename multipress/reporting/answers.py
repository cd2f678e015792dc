"""What the report says first: one sentence with its interval, from the tables of a finished run."""

from pathlib import Path
from typing import Any

import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.predictions.limits import Choice, Evaluations, Loss, surest
from multipress.analysis.recommendation import recommend, trials
from multipress.analysis.tables import SIZES
from multipress.core.errors import UserError
from multipress.core.words import change, counted, points

_SAYS = {
    verdicts.PRODUCT: "sizes multiply",
    verdicts.SUPER: "sizes do more than multiply",
    verdicts.DIMINISHING: "sizes do less than multiply",
    verdicts.CAN_NOT_TELL: "whether sizes multiply cannot be told from that",
}
_UNCOMPRESSED = "ft"
_TOGETHER = " for all combinations together"
"""By which verdicts go."""
_SIZES = ("onnx_mb", "packed_mb", "paper_mb")
"""The first of them that is known of all models is what is to be small."""


def of_experiment(curves: pd.DataFrame, confidence: float) -> str:
    """Whether sizes multiply, by the combination of most methods, at equal score.

    Args:
        curves: The table interaction_curve.
        confidence: Of its intervals.
    """
    whole = curves[(curves["range"] == verdicts.POOLED) & (curves["size"] == SIZES[0])]
    combined = whole[whole["method"].str.contains("+", regex=False)]
    if combined.empty:
        return "This study combines no methods, so whether sizes multiply is not asked."
    found = combined.loc[combined["method"].str.count(r"\+").idxmax()]
    if pd.isna(found["ratio"]):
        return f"Whether sizes multiply is not known here, for {found['method']}: {found['note']}."
    tasks = counted(int(found["n_tasks"]), "task")
    together = _interval(found, "ratio_low_simultaneous", "ratio_high_simultaneous", confidence, _TOGETHER)
    verdict = _SAYS.get(found["verdict"], _SAYS[verdicts.CAN_NOT_TELL])
    note = f" ({found['note']})" if found["note"] else ""
    return (
        f"At equal score {found['method']} makes models {found['times_smaller']:.2f} times smaller"
        f"{_interval(found, 'low', 'high', confidence)}, which is {found['ratio']:.2f} times the product of its parts"
        f"{together}, over {tasks}: {verdict}{note}."
    )


def _interval(found: Any, low: str, high: str, confidence: float, of_what: str = "") -> str:
    if pd.isna(found[low]):
        return ""
    return f" ({confidence:.0%} interval{of_what} {found[low]:.2f} to {found[high]:.2f})"


def of_own_tasks(
    results: pd.DataFrame, folder: Path, tolerance: float, confidence: float, is_relative: bool = False
) -> str:
    """Which model is the smallest that surely loses little.

    Args:
        results: The table of results.
        folder: The folder of results, with the predictions.
        tolerance: Points that it may lose.
        confidence: That it does not lose more.
        is_relative: Whether the tolerance is in percent of the uncompressed model's score.
    """
    uncompressed = results[results["recipe"] == _UNCOMPRESSED]
    if uncompressed.empty:
        return "No uncompressed model (ft) is among the models, so none is held to it."
    size = next(name for name in _SIZES if name in results and results[name].notna().all())
    arch = uncompressed.loc[uncompressed["paper_mb"].idxmax(), "arch"]
    of = f"{arch}/{_UNCOMPRESSED}"
    own = uncompressed[uncompressed["arch"] == arch].groupby("task")[["score", size]].mean()
    within = tolerance / 100 * own["score"].mean() if is_relative else tolerance
    try:
        evaluations = Evaluations(folder, of, trials(results, None))
        choice = surest(recommend(results, of, within, size, None), evaluations, within, confidence)
    except UserError as error:
        return f"Which model to take is not known: {error}."
    return _chosen(choice, of, within, own[size].mean(), size)


def _chosen(choice: Choice, of: str, within: float, before: float, size: str) -> str:
    lost, model = choice.loss, choice.model
    if model.name == of:
        return (
            f"No smaller model than {of} ({before:.3g} MB, {size}) loses at most {points(within)} with "
            f"{lost.confidence:.0%} confidence, as far as {_rows(lost)} can tell."
        )
    return (
        f"The smallest model that loses at most {points(within)} against {of}, with {lost.confidence:.0%} confidence, "
        f"is {model.name}: {model.size:.3g} MB ({size}), {before / model.size:.1f} times smaller, and it "
        f"{change(lost.value, lost.at_most)} on {_rows(lost)}."
    )


def _rows(loss: Loss) -> str:
    return counted(sum(loss.rows.values()), "dev row")
