"""A run in a few numbers, by which it is compared with other runs."""

import pandas as pd

from multipress.analysis.tables import SIZES, methods_of_table1
from multipress.analysis.verdicts import POOLED

Metrics = dict[str, dict[str, float]]


def run_metrics(
    summary: pd.DataFrame, ratios: pd.DataFrame, interactions: pd.DataFrame, curves: pd.DataFrame
) -> Metrics:
    """Numbers by their kind and then by model, method or combination; one that is unknown (NaN) is left out.

    The answer is by the distance of curves: ``equal_score_times_smaller``, by method; ``equal_score_over_product``, by
    combination, over the product of the single methods; ``beyond_additivity``, the latter over what additive losses
    give. Beside it, ``papers_rule_times_smaller``, by arch/method, the ratio of sizes under the rule of Table 1, and
    ``papers_rule_over_product``, by combination, pooled over architectures. ``score``, by arch/recipe, is the mean over
    tasks in points.

    Args:
        summary: summary.csv, columns arch, recipe and score.
        ratios: table1.csv, column arch and one for each method.
        interactions: interaction.csv, columns arch, combination and ratio.
        curves: interaction_curve.csv, columns size, range, method, times_smaller, ratio and beyond.
    """
    whole = curves[(curves["range"] == POOLED) & (curves["size"] == SIZES[0])].set_index("method")
    pooled = interactions[interactions["arch"] == POOLED]
    return {
        "beyond_additivity": _known(whole["beyond"], decimals=3),
        "equal_score_over_product": _known(whole["ratio"], decimals=3),
        "equal_score_times_smaller": _known(whole["times_smaller"], decimals=3),
        "papers_rule_over_product": _known(pooled.set_index("combination")["ratio"], decimals=3),
        "papers_rule_times_smaller": _known(ratios.set_index("arch")[methods_of_table1(ratios)].stack(), decimals=3),
        "score": _known(summary.set_index(["arch", "recipe"])["score"], decimals=2),
    }


def _known(numbers: pd.Series, decimals: int) -> dict[str, float]:
    """The numbers that are known, rounded, by their labels: those of several levels with slashes between them."""
    known = numbers.dropna().astype(float)
    names = known.index.map("/".join) if known.index.nlevels > 1 else known.index
    return {str(name): round(number, decimals) for name, number in zip(names, known, strict=True)}
