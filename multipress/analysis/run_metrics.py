"""A run in a few numbers, by which it is compared with other runs."""

import pandas as pd

from multipress.analysis.tables import SIZES, methods_of_table1
from multipress.analysis.verdicts import POOLED

Metrics = dict[str, dict[str, float]]


def run_metrics(
    summary: pd.DataFrame, ratios: pd.DataFrame, interactions: pd.DataFrame, curves: pd.DataFrame
) -> Metrics:
    """Numbers by their kind and then by model, method or combination; one that is unknown (NaN) is left out.

    ``score``, by arch/recipe, is the mean over tasks in points; ``times_smaller``, by arch/method, the ratio of sizes
    under the paper's rule; ``over_product``, by combination, its ratio over the product of the single ones, pooled over
    architectures. ``times_smaller_at_equal_score``, by method, and ``over_product_at_equal_score``, by combination, are
    the same by the distance of curves.

    Args:
        summary: summary.csv, columns arch, recipe and score.
        ratios: table1.csv, column arch and one for each method.
        interactions: interaction.csv, columns arch, combination and ratio.
        curves: interaction_curve.csv, columns size, range, method, times_smaller and ratio.
    """
    whole = curves[(curves["range"] == POOLED) & (curves["size"] == SIZES[0])].set_index("method")
    pooled = interactions[interactions["arch"] == POOLED]
    return {
        "score": _known(summary.set_index(["arch", "recipe"])["score"], decimals=2),
        "times_smaller": _known(ratios.set_index("arch")[methods_of_table1(ratios)].stack(), decimals=3),
        "over_product": _known(pooled.set_index("combination")["ratio"], decimals=3),
        "times_smaller_at_equal_score": _known(whole["times_smaller"], decimals=3),
        "over_product_at_equal_score": _known(whole["ratio"], decimals=3),
    }


def _known(numbers: pd.Series, decimals: int) -> dict[str, float]:
    """The numbers that are known, rounded, by their labels: those of several levels with slashes between them."""
    known = numbers.dropna().astype(float)
    names = known.index.map("/".join) if known.index.nlevels > 1 else known.index
    return {str(name): round(number, decimals) for name, number in zip(names, known, strict=True)}
