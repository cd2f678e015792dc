"""The tables of the analysis: what the rule ``analyze`` writes, and where the report shows it.

Nothing is computed here, so that planning can import the list.
"""

from collections.abc import Iterable

from multipress.core.table import Table

_RATIOS = ("arch", "size_mb", "n_tasks", "fallbacks", "note")
_BEFORE_METHODS = 2

TABLE1 = Table(
    name="table1",
    page="table1",
    heading="Times smaller within the tolerance, mean over tasks",
    columns=_RATIOS,
    text=("arch",),
)
TABLE1_PACKED = Table(
    name="table1_packed",
    page="table1",
    heading="The same for files on disk (packed_mb)",
    columns=_RATIOS,
    text=("arch",),
)
TABLE1_DEPLOYED = Table(
    name="table1_deployed",
    page="table1",
    heading="The same for the whole classifier (deployed_mb)",
    columns=_RATIOS,
    text=("arch",),
)
TABLE1_PER_TASK = Table(
    name="table1_per_task",
    page="table1",
    heading="Task by task, and the model that was chosen",
    columns=("arch", "task", "method", "ratio", "chosen_arch", "chosen_recipe", "fallback", "at_end_of_curve"),
    text=("arch", "task", "chosen_arch", "at_end_of_curve"),
)
INTERACTION_CURVE = Table(
    name="interaction_curve",
    page="interaction",
    heading="Size: times smaller at equal score, and over the product of the single methods, mean over tasks",
    columns=(
        *("size", "range", "method", "recipes", "times_smaller", "low", "high"),
        *("low_simultaneous", "high_simultaneous", "low_seeds", "high_seeds"),
        *("product", "ratio", "ratio_low", "ratio_high"),
        *("ratio_low_simultaneous", "ratio_high_simultaneous", "ratio_low_seeds", "ratio_high_seeds", "verdict"),
        *("expected_if_additive", "beyond", "beyond_low", "beyond_high", "p", "p_holm", "beyond_additivity"),
        *("n_tasks", "n_seeds", "note"),
    ),
    first=(
        *("size", "range", "method", "times_smaller", "low", "high"),
        *("ratio", "ratio_low", "ratio_high", "verdict", "beyond_additivity"),
    ),
    text=("range", "recipes"),
)
INTERACTION_CURVE_PER_TASK = Table(
    name="interaction_curve_per_task",
    page="interaction",
    heading="Size: the same task by task, and over which scores",
    columns=(
        *("size", "range", "task", "method", "times_smaller", "low_seeds", "high_seeds"),
        *("product", "ratio", "ratio_low_seeds", "ratio_high_seeds", "expected_if_additive"),
        *("score_low", "score_high", "note"),
    ),
    text=("range", "task"),
)
INTERACTION = Table(
    name="interaction",
    page="interaction",
    heading="Size, the paper's rule: ratio over the product of the single ratios, and what it is where losses add up",
    columns=(
        *("arch", "combination", "observed", "product", "ratio", "low", "high"),
        *("low_simultaneous", "high_simultaneous", "low_seeds", "high_seeds"),
        *("expected_if_additive", "p", "p_holm", "verdict"),
        *("n_tasks", "n_seeds", "n_models", "fallbacks", "note"),
    ),
    first=("arch", "combination", "observed", "product", "ratio", "low", "high", "expected_if_additive", "verdict"),
    text=("arch", "combination"),
)
INTERACTION_SCORE = Table(
    name="interaction_score",
    page="interaction",
    heading="Score: loss beyond the sum of the single losses, in points",
    columns=(
        *("arch", "combination", "recipe", "loss", "sum", "difference", "low", "high"),
        *("low_simultaneous", "high_simultaneous", "low_seeds", "high_seeds", "verdict"),
        *("n_tasks", "n_seeds", "note"),
    ),
    first=("arch", "combination", "loss", "sum", "difference", "low", "high", "verdict"),
    text=("arch", "combination", "recipe"),
)
EFFECTS = Table(
    name="effects",
    page="effects",
    heading="What each step changes in the score, all else equal, in points",
    columns=(
        *("arch", "recipe", "subset", "step", "without", "difference", "low", "high", "low_seeds", "high_seeds"),
        *("n_tasks", "n_seeds", "note"),
    ),
    text=("arch", "recipe", "without"),
)
EFFECTS_MATCHED = Table(
    name="effects_matched",
    page="effects",
    heading="The same against models that were trained as long without the step, in points; empty without controls",
    columns=(
        *("arch", "effect", "recipe", "without", "raw", "raw_low", "raw_high"),
        *("control", "matched", "low", "high"),
        *("steps", "steps_without", "steps_control", "n_tasks", "n_seeds", "note"),
    ),
    text=("arch", "effect", "recipe", "without", "control", "note"),
)
SCALING = Table(
    name="scaling",
    page="effects",
    heading="The same in one model: steps and interactions, at the mean size and for each doubling of size",
    columns=(
        *("term", "estimate", "standard_error", "low", "high", "p"),
        *("n_models", "n_tasks", "n_archs", "n_seeds", "note"),
    ),
)
RANKING = Table(
    name="ranking",
    page="ranking",
    heading="Single methods by how much they shrink within a loss of score",
    columns=("budget", "kind", "arch", "method", "ratio", "low", "high", "rank", "first", "note"),
    text=("arch",),
)
RANKING_SIZE = Table(
    name="ranking_size",
    page="ranking",
    heading="Subsets by the best score within a size",
    columns=(
        *("budget_mb", "budget_arch", "subset", "arch", "recipe", "size_mb", "score"),
        *("held_out", "low", "high", "held_out_of_any", "rank", "first", "note"),
    ),
    text=("budget_arch", "arch", "recipe"),
)
PARETO = Table(
    name="pareto",
    page="ranking",
    heading="Every model, and whether it is on the Pareto front",
    columns=("arch", "recipe", "subset", "size_mb", "score", "on_front", "front_share", "n_tasks", "note"),
    text=("arch", "recipe"),
)
FLAGS = Table(
    name="flags",
    page="models",
    heading="Models in doubt: not learnt, or worse than a smaller one",
    columns=("task", "arch", "recipe", "seed", "flag", "score", "limit", "note"),
    text=("task", "arch", "recipe", "flag", "note"),
)
CLAIMS = Table(
    name="claims",
    page="paper",
    heading="The paper's claims",
    columns=(
        *("claim", "at_equal_score", "paper_curve", "curve", "curve_low", "curve_high"),
        *("beyond_additivity", "paper_beyond", "beyond"),
        *("under_the_rule", "quantity", "paper", "paper_says", "ours", "low", "high"),
        *("n_tasks", "n_archs", "note"),
    ),
    first=(
        *("claim", "at_equal_score", "curve", "curve_low", "curve_high", "beyond_additivity", "beyond"),
        *("under_the_rule", "ours", "low", "high", "paper_says", "paper"),
    ),
)
PAPER_COMPARISON = Table(
    name="paper_comparison",
    page="paper",
    heading="The paper's numbers",
    columns=(
        *("quantity", "arch", "method", "recipe", "ours", "paper", "difference", "precision"),
        *("rank_correlation", "note"),
    ),
    text=("arch", "recipe"),
)

TABLES = [
    *(TABLE1, TABLE1_PACKED, TABLE1_DEPLOYED, TABLE1_PER_TASK),
    *(INTERACTION_CURVE, INTERACTION, INTERACTION_SCORE, INTERACTION_CURVE_PER_TASK),
    *(EFFECTS, EFFECTS_MATCHED, SCALING),
    *(RANKING, RANKING_SIZE, PARETO, CLAIMS, PAPER_COMPARISON, FLAGS),
]
"""All of them, in the order in which pages show them."""

SIZES = tuple(f"{size}{less}" for less in ("", "_no_embeddings") for size in ("paper_mb", "deployed_mb", "packed_mb"))
"""The definitions of size by which curves are compared: columns of results, of which the first is always there."""

BY_SIZE = {"deployed_mb": TABLE1_DEPLOYED, "packed_mb": TABLE1_PACKED}
"""Table 1 by each other definition of size; results in which no model has that size have no such table."""


def table1_columns(methods: Iterable[str]) -> list[str]:
    """The columns of Table 1 when it holds these methods: their ratios stand beside the architecture's size."""
    return [*_RATIOS[:_BEFORE_METHODS], *methods, *_RATIOS[_BEFORE_METHODS:]]


def methods_of_table1(columns: Iterable[str]) -> list[str]:
    """The methods among the columns of Table 1: all but the fixed ones."""
    return [column for column in columns if column not in _RATIOS]
