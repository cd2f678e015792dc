"""The tables of the rule ``compare_families``, and where the report shows them.

Nothing is computed here, so that planning can import the list.
"""

from multipress.core.table import Table

FAMILIES = Table(
    name="families",
    page="families",
    heading="Each model against ft of its architecture, and what others report of the same family",
    columns=(
        *("family", "source", "arch", "recipe"),
        *("percent", "percent_no_embeddings", "file_percent", "file_percent_no_embeddings", "onnx_percent"),
        *("speedup_cpu", "speedup_openvino", "speedup_gpu"),
        *("score", "change", "low", "high", "low_seeds", "high_seeds", "n_tasks", "n_seeds", "note"),
    ),
    first=("family", "source", "recipe", "percent", "percent_no_embeddings", "file_percent", "speedup_cpu", "change"),
    text=("family", "source", "arch", "recipe"),
)
COMPOUNDS = Table(
    name="compounds",
    page="families",
    heading="Two compressions together: do sizes and speed-ups multiply, and do losses add up?",
    columns=(
        *("arch", "recipe", "first", "second", "families"),
        *("times_smaller", "times_smaller_product", "times_smaller_ratio"),
        *("speedup", "speedup_product", "speedup_ratio"),
        *("change", "change_sum", "beyond", "low", "high", "low_seeds", "high_seeds", "n_tasks", "n_seeds", "note"),
    ),
    first=(
        "recipe",
        "times_smaller",
        "times_smaller_product",
        "speedup",
        "speedup_product",
        "change",
        "change_sum",
        "beyond",
    ),
    text=("arch", "recipe", "first", "second", "families"),
)

TABLES = [FAMILIES, COMPOUNDS]
"""Both, in the order in which the page shows them."""
