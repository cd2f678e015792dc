"""The tables of the evaluation that the report shows, and on which page.

Nothing is computed here, so that planning can import the list.
"""

from multipress.compression.layer_times import COLUMNS, TEXT_COLUMNS
from multipress.core.table import Table
from multipress.evaluation.record import NESTED, SIZES, ExitPoint, Record

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
    columns=(
        "task",
        "arch",
        "recipe",
        "seed",
        "subset",
        *(name for name in list(Record.model_fields)[4:] if name not in NESTED),
    ),
    first=(
        *("task", "arch", "recipe", "seed", "subset", "metric", "score", "score_deployed"),
        *("paper_mb", "packed_mb", "onnx_mb", "train_seconds"),
    ),
    text=("task", "arch", "recipe", "subset", "data", "metric", "trained_on"),
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
LAYER_TIMES = Table(
    name="layers",
    page="",
    heading="How long the parts of an architecture's layers take, in latency/layers/{arch}.csv",
    columns=COLUMNS,
    text=TEXT_COLUMNS,
)
"""For steps that prune to a speed; a table of each architecture, on no page."""

EXITS = Table(
    name="exits",
    page="exits",
    heading="Every model with exits, at every threshold",
    columns=("task", "arch", "recipe", "seed", *ExitPoint.model_fields),
    text=("task", "arch", "recipe", "rule"),
)

FLOORS = Table(
    name="floors",
    page="floors",
    heading="Models without an encoder",
    columns=("task", "model", "metric", "score", "rows", "file_mb", "train_seconds", "median_ms"),
    text=("task", "model", "metric"),
)

TABLES = [SUMMARY, RESULTS, LATENCY, EXITS, FLOORS]
"""All of them, in the order in which pages show them."""
