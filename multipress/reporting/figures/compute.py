"""Score against training compute: what a model costs to make, controls among them."""

import pandas as pd
from matplotlib.figure import Figure

from multipress.compression.controls import is_control
from multipress.reporting.figures.model_means import model_means, on_front
from multipress.reporting.figures.pareto import CONTROLS, Cost, front
from multipress.reporting.figures.style import nothing

COMPUTE = Cost(
    "compute",
    "Training compute in 10⁹ rows × parameters outside the embeddings, less to the right",
    "10⁹",
)


def score_and_compute(results: pd.DataFrame, heading: str) -> Figure:
    """Every model's mean score against the compute of its lineage, both means over tasks and seeds.

    The teacher's is left out, for all students share it. Times six and times the tokens of a row it is the number of
    operations of a training, forward and backward (Kaplan et al. 2020, section 2.1).

    Args:
        results: The table that ``multipress.evaluation.results_table.tabulate`` makes; a model that lacks a task or
            seed, or does not say how long it was trained, is left out, and the heading counts them.
        heading: Text above all.
    """
    if results["compute"].isna().all():
        return nothing("no model says how long it was trained", heading)
    return front(_models(results), heading, COMPUTE)


def _models(results: pd.DataFrame) -> pd.DataFrame:
    """A row for each architecture and recipe; without score and compute where a task or seed is missing."""
    found = model_means(results.assign(compute=results["compute"].astype(float) / 1e9), "compute")
    found.loc[[is_control(recipe) for recipe in found["recipe"]], "subset"] = CONTROLS
    return found.assign(on_front=on_front(found, "compute"))
