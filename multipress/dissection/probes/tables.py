"""The tables of the rule ``tabulate_probes``, and where the report shows them.

Nothing is computed here, so that planning can import the list.
"""

from multipress.core.table import Table

PROBES = Table(
    name="probes",
    page="probes",
    heading="What a linear model finds in each layer",
    columns=(
        *("task", "arch", "seed", "recipe", "probe", "kind", "layer", "accuracy", "low", "high", "majority"),
        *("control_accuracy", "selectivity", "n_examples", "n_labels", "training_texts", "note"),
    ),
    text=("task", "arch", "recipe", "probe", "kind", "note"),
)
WHOLE_NUMBERS = {"layer": "Int64", "n_labels": "Int64"}
"""Columns of probes.csv that may be empty."""

PROBE_CLAIMS = Table(
    name="probe_claims",
    page="probes",
    heading="Does what is complex go first? What pruned models keep of each kind of information",
    columns=("arch", "start", "claim", "estimate", "low", "high", "verdict", "recipes", "n_tasks", "n_seeds", "note"),
    first=("arch", "start", "claim", "estimate", "low", "high", "verdict"),
    text=("arch", "start", "claim", "verdict", "recipes", "note"),
)

TABLES = [PROBE_CLAIMS, PROBES]
"""Both, in the order in which the page shows them."""
