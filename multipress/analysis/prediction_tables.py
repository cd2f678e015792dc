"""The tables of the rule ``compare_predictions``, and where the report shows them.

Nothing is computed here, so that planning can import the list.
"""

from multipress.core.table import Table

SIGNIFICANCE = Table(
    name="significance",
    page="changes",
    heading="Each model against its parent and against ft: difference of scores in points, and how sure it is",
    columns=(
        *("task", "arch", "recipe", "against", "reference", "metric", "difference", "low", "high", "p", "p_holm"),
        *("right_to_wrong", "wrong_to_right", "mcnemar_p", "mcnemar_holm", "n_rows", "n_seeds", "note"),
    ),
    first=("task", "arch", "recipe", "against", "difference", "low", "high", "p_holm"),
    text=("task", "arch", "recipe", "against", "reference", "metric"),
)
CHANGES = Table(
    name="changes",
    page="changes",
    heading="What changes row by row: shares of the dev rows, means over seeds",
    columns=(
        *("task", "arch", "recipe", "subset", "parent"),
        *("churn_parent", "right_to_wrong_parent", "wrong_to_right_parent"),
        *("churn_ft", "right_to_wrong_ft", "wrong_to_right_ft", "lost_by_most"),
        *("rarest_label", "rarest_recall", "ece", "brier", "mismatched_minus_matched", "n_rows", "n_seeds", "note"),
    ),
    text=("task", "arch", "recipe", "subset", "parent"),
)

LOST_ROWS = Table(
    name="lost_rows",
    page="lost_rows",
    heading="Which rows are lost: by length, rare words, class, negation and overlap",
    columns=(
        *("task", "arch", "recipe", "against", "feature", "bin", "n_rows", "right", "lost", "rate", "low", "high"),
        *("n_seeds", "first_lost", "note"),
    ),
    text=("task", "arch", "recipe", "against", "feature", "bin", "first_lost", "note"),
)
"""Of the rule ``find_lost_rows``, where the study has it."""

TABLES = [CHANGES, SIGNIFICANCE]
"""Both, in the order in which the page shows them."""
