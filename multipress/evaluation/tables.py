"""The tables of the evaluation that the report shows, and on which page.

Nothing is computed here, so that planning can import the list.
"""

from multipress.core.table import Table
from multipress.evaluation.record import SIZES, Record

SUMMARY = Table(
    name="summary",
    page="models",
    heading="Means over tasks",
    columns=("arch", "subset", "recipe", "data", "score", "score_std", "n_tasks", "n_seeds", *SIZES, "note"),
    first=("arch", "recipe", "subset", "score", "score_std", "paper_mb", "packed_mb", "onnx_mb", "n_tasks", "n_seeds"),
    text=("arch", "subset", "recipe", "data", "note"),
)
RESULTS = Table(
    name="results",
    page="models",
    heading="Every model",
    columns=("task", "arch", "recipe", "seed", "subset", *list(Record.model_fields)[4:]),
    first=(
        *("task", "arch", "recipe", "seed", "subset", "metric", "score", "score_deployed"),
        *("paper_mb", "packed_mb", "onnx_mb", "train_seconds"),
    ),
    text=("task", "arch", "recipe", "subset", "data", "metric"),
)
LATENCY = Table(
    name="latency",
    page="latency",
    heading="Every model, runtime, batch size and length",
    columns=(
        *("task", "arch", "recipe", "seed", "runtime", "device", "threads", "batch", "length"),
        *("measured_recipe", "n", "p10_ms", "median_ms", "speedup", "cpu"),
    ),
    text=("task", "arch", "recipe", "runtime", "device", "length", "measured_recipe", "cpu"),
)
FLOORS = Table(
    name="floors",
    page="floors",
    heading="Models without an encoder",
    columns=("task", "model", "metric", "score", "rows", "file_mb", "train_seconds", "median_ms"),
    text=("task", "model", "metric"),
)

TABLES = [SUMMARY, RESULTS, LATENCY, FLOORS]
"""All of them, in the order in which pages show them."""
