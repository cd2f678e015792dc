"""The tables of the rules ``dissect`` and ``plot_dissection``, and where the report shows them.

Nothing is computed here, so that planning can import the list.
"""

from multipress.core.table import Table

COMPRESSED, NOISE_FLOOR = "compressed", "noise floor"
"""Kinds of rows: a model against its dense parent of the same seed; a dense parent against that of another seed."""

_PAIR = ("task", "arch", "recipe", "seed", "kind", "against", "against_seed", "layer", "against_layer")
_TEXT = ("task", "arch", "recipe", "kind", "against", "note")

SIMILARITY = Table(
    name="similarity",
    page="dissection",
    heading="Hidden states of each layer against those of the dense parent",
    columns=(*_PAIR, "tokens", "cka", "cka_unbiased", "cka_standardized", "pwcca", "cka_mean", "note"),
    first=("task", "arch", "recipe", "seed", "kind", "layer", "against_layer", "cka", "pwcca"),
    text=_TEXT,
)
ATTENTION = Table(
    name="attention",
    page="dissection",
    heading="Attention of each layer against that of the dense parent",
    columns=(*_PAIR, "heads", "divergence"),
    first=("task", "arch", "recipe", "seed", "kind", "layer", "against_layer", "divergence"),
    text=_TEXT,
)
COMPLEXITY = Table(
    name="complexity",
    page="dissection",
    heading="How complex the hidden states of each layer are",
    columns=("task", "arch", "recipe", "seed", "layer", "tokens", "participation_ratio", "components_90", "two_nn"),
    first=("task", "arch", "recipe", "seed", "layer", "participation_ratio", "components_90", "two_nn"),
    text=_TEXT,
)
CLAIMS = Table(
    name="dissection_claims",
    page="dissection",
    heading="What is said of pruned models' representations, asked of each of these",
    columns=(
        *("task", "arch", "recipe", "claim", "measure", "verdict", "estimate", "low", "high", "floor"),
        *("n_seeds", "n_pairs", "quantity", "note"),
    ),
    first=("task", "arch", "recipe", "claim", "measure", "verdict", "estimate", "floor"),
    text=(*_TEXT, "claim", "measure", "verdict", "quantity"),
)

MEASURED = [SIMILARITY, ATTENTION, COMPLEXITY]
"""Those that models are asked for; what follows from them is made anew of a published run."""

TABLES = [CLAIMS, *MEASURED]
"""All of them, in the order in which the page shows them."""
