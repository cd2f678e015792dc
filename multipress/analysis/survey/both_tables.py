"""The tables of the rule ``compare_families``, from results and latencies."""

import pandas as pd

from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.survey.compounds import compounds
from multipress.analysis.survey.compressed import Compressed
from multipress.analysis.survey.families import families
from multipress.compression.recipes import NO_VARIANTS, Variants


def survey_tables(
    results: pd.DataFrame,
    latencies: pd.DataFrame | None,
    settings: AnalyzeSettings,
    variants: Variants = NO_VARIANTS,
    with_published: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Families and compounds.

    Args:
        results: What ``results_file`` read.
        latencies: The table of latencies; None where none were measured.
        settings: Of the intervals.
        variants: The steps that variants in recipes vary.
        with_published: Whether the survey's models of the same families are listed, too.
    """
    compressed = Compressed.of(results, latencies, settings, variants)
    return families(compressed, with_published), compounds(compressed)
