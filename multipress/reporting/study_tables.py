"""Tables for a page of results, in Markdown, from the tables of a published run.

A page has them between markers, ``<!-- minilm scores: begin -->`` and ``<!-- minilm scores: end -->``: the name of the
run's folder, and of the table.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from math import isnan
from pathlib import Path

import pandas as pd

from multipress.analysis.grid import BASELINE
from multipress.compression.controls import is_control
from multipress.core.errors import UserError
from multipress.reporting import layer_tables
from multipress.reporting.cells import (
    interval,
    markdown,
    milliseconds,
    number,
    over_tasks,
    percent,
    read,
    size,
    speed,
    text,
    times,
)

_SIZES = {
    "paper_mb": "with embeddings",
    "paper_mb_no_embeddings": "without embeddings",
    "packed_mb": "packed files",
    "packed_mb_no_embeddings": "packed files without embeddings",
}
"""The sizes of which curves are shown, and their names for readers."""


def scores(tables: Path) -> str:
    """Sizes in MB, and the score on each task (mean over seeds), of every model that is no control."""
    shown, means = _models(tables, "score")
    rows = [
        (
            row.arch,
            row.subset,
            f"`{row.recipe}`",
            *map(size, (row.paper_mb, row.paper_mb_no_embeddings, row.packed_mb)),
            *(number(score) for score in (*means.loc[(row.arch, row.recipe)], row.score)),
        )
        for row in shown.itertuples()
    ]
    head = ["arch", "subset", "recipe", "MB", "without embeddings", "packed", *means.columns, "mean"]
    return markdown(head, rows)


def _models(tables: Path, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary's models that are no controls; by arch and recipe the mean of a column over seeds on each task."""
    summary, results = read(tables, "summary"), read(tables, "results", ["task", "arch", "recipe", column])
    means = results.groupby(["arch", "recipe", "task"])[column].mean().unstack("task")
    return summary[~summary["recipe"].map(is_control)], means[list(results["task"].unique())]


def by_recipe(tables: Path) -> str:
    """The score of every model (mean over seeds): a row for each recipe, a column for each task and architecture."""
    results = read(tables, "results", ["task", "arch", "recipe", "score"])
    models = [(task, arch) for task in results["task"].unique() for arch in results["arch"].unique()]
    means = results.groupby(["recipe", "task", "arch"], sort=False)["score"].mean().unstack(["task", "arch"])
    rows = [[f"`{recipe}`", *map(number, row)] for recipe, row in means.reindex(columns=models).iterrows()]
    return markdown(["recipe", *(f"{task}, {arch}" for task, arch in models)], rows)


def deployed(tables: Path) -> str:
    """Of every model that is no control the size as files store it, and the score of its ONNX file on each task.

    How many times smaller: than the largest uncompressed model.
    """
    shown, means = _models(tables, "score_deployed")
    uncompressed = shown.loc[shown["recipe"] == BASELINE, "deployed_mb"].max()
    rows = [
        (
            f"`{row.recipe}`",
            size(row.deployed_mb),
            times(uncompressed / row.deployed_mb),
            size(row.packed_mb),
            *map(number, means.loc[(row.arch, row.recipe)]),
        )
        for row in shown.itertuples()
    ]
    return _by_arch(shown["arch"], ["recipe", "MB", "times smaller", "packed MB", *means.columns], rows)


def table1(tables: Path) -> str:
    """Times smaller within the tolerance, by the paper's rule."""
    table = read(tables, "table1")
    methods = [name for name in table if name not in ("arch", "size_mb", "n_tasks", "fallbacks", "note")]
    rows = [
        [row["arch"], size(row["size_mb"]), *(times(row[name]) for name in methods), text(row["fallbacks"])]
        for _, row in table.iterrows()
    ]
    return markdown(["arch", "MB", *methods, "tasks that count as 1, for want of a model"], rows)


def curves(tables: Path) -> str:
    """Times smaller at equal score, over the product of the single methods, and over what additive losses give."""
    table = read(tables, "interaction_curve")
    shown = table[(table["range"] == "pooled") & table["size"].isin(_SIZES)]
    rows = [
        (
            _SIZES[row.size],
            row.method,
            interval(row.times_smaller, row.low, row.high),
            number(row.product, ".2f"),
            interval(row.ratio, row.ratio_low, row.ratio_high),
            text(row.verdict),
            interval(row.beyond, row.beyond_low, row.beyond_high),
            text(row.beyond_additivity),
            text(row.note),
        )
        for row in shown.itertuples(index=False)
    ]
    head = ["size", "method", "times smaller", "product", "over it", "verdict", "beyond additivity", "verdict", "note"]
    return markdown(head, rows)


def matched(tables: Path) -> str:
    """What each compression does to the score, in points: as trained, and against as much training without it.

    Over all architectures, where there are several; effects that the study has no control of are left out.
    """
    table = read(tables, "effects_matched")
    table = table[table["matched"].notna()]
    table = table[table["arch"] == "pooled"] if "pooled" in set(table["arch"]) else table
    rows = [
        (
            row.effect,
            *(f"`{recipe}`" for recipe in (row.recipe, row.without, row.control)),
            number(row.raw, "+.1f"),
            interval(row.matched, row.low, row.high, "+.1f"),
        )
        for row in table.itertuples()
    ]
    head = ["effect of", "in", "against", "control", "raw", "against the control"]
    return markdown(head, rows)


def scaling(tables: Path) -> str:
    """The mixed model of the score, in points."""
    table = read(tables, "scaling")
    rows = [[row.term, interval(row.estimate, row.low, row.high, ".2f"), text(row.note)] for row in table.itertuples()]
    return markdown(["term", "estimate", "note"], rows)


def claims(tables: Path) -> str:
    """The paper's claims, by three measures."""
    table = read(tables, "claims")
    rows = [
        [row.claim, text(row.at_equal_score), text(row.beyond_additivity), text(row.under_the_rule), text(row.note)]
        for row in table.itertuples()
    ]
    return markdown(["claim", "at equal score", "beyond additivity", "by the paper's rule", "note"], rows)


def changes(tables: Path) -> str:
    """Answers that differ from those of ``ft``, in % of the dev rows, means over tasks."""
    table = read(tables, "changes")
    table = table[~table["recipe"].map(is_control) & (table["recipe"] != "ft")]
    columns = ["churn_ft", "right_to_wrong_ft", "wrong_to_right_ft"]
    models = table.groupby(["arch", "recipe"], sort=False)[columns]
    means = 100 * models.mean().where(models.count() == models.count().max())  # a mean over fewer tasks is none
    rows = [[arch, f"`{recipe}`", *map(number, row)] for (arch, recipe), row in means.iterrows()]
    return markdown(["arch", "recipe", "changed", "right to wrong", "wrong to right"], rows)


def significance(tables: Path) -> str:
    """On how many tasks a recipe is surely better or worse than ``ft`` (Holm's correction, 5 %)."""
    table = read(tables, "significance")
    table = table[(table["against"] == "ft") & ~table["recipe"].map(is_control)]
    rows = []
    for (arch, recipe), part in table.groupby(["arch", "recipe"], sort=False):
        sure = part[part["p_holm"] < 0.05]
        better, worse = (sure["difference"] > 0).sum(), (sure["difference"] < 0).sum()
        rows.append([arch, f"`{recipe}`", better, worse, len(part)])
    return markdown(["arch", "recipe", "better", "worse", "of"], rows)


def hours(tables: Path) -> str:
    """Hours of training, which are core-hours where each has one thread, by what the trainings are for."""
    table = read(tables, "results", ["arch", "recipe", "train_seconds"])
    kinds = table["recipe"].map(lambda recipe: "controls" if is_control(recipe) else f"from `{recipe.split('-')[0]}`")
    sums = table.groupby([kinds, "arch"])["train_seconds"].sum().unstack("arch", fill_value=0.0) / 3600
    sums = sums[list(table["arch"].unique())]
    sums.loc["all"] = sums.sum()
    rows = [[kind, *(f"{value:.2f}" for value in [*row, row.sum()])] for kind, row in sums.iterrows()]
    return markdown(["trainings", *sums.columns, "all"], rows)


def cells(tables: Path) -> str:
    """Hours of training by task and seed, of which each pair can be trained apart."""
    table = read(tables, "results", ["task", "seed", "train_seconds"])
    sums = table.groupby(["task", "seed"], sort=False)["train_seconds"].sum().unstack("seed") / 3600
    sums = sums.reindex(table["task"].unique())[sorted(sums.columns)]
    rows = [[task, *("–" if isnan(value) else f"{value:.2f}" for value in row)] for task, row in sums.iterrows()]
    return markdown(["task", *(f"seed {seed}" for seed in sums.columns)], rows)


def latency(tables: Path) -> str:
    """Median milliseconds of a batch, and how many times faster than ``ft`` of the same architecture.

    Means over tasks and seeds.
    """
    table = read(tables, "latency")
    table["where"] = table["runtime"].where(table["device"] == "cpu", table["runtime"] + ", " + table["device"])
    keys = ["batch", "length", "arch", "recipe", "where"]
    table = table.groupby(keys, sort=False)[["median_ms", "speedup"]].mean().reset_index()
    table["cell"] = [f"{milliseconds(row.median_ms)} ({speed(row.speedup)})" for row in table.itertuples()]
    rows = []
    for (batch, length, arch, recipe), part in table.groupby(["batch", "length", "arch", "recipe"], sort=False):
        cells = part.set_index("where")["cell"]
        rows.append([batch, length, arch, f"`{recipe}`", *(cells.get(name, "–") for name in table["where"].unique())])
    return markdown(["batch", "tokens", "arch", "recipe", *table["where"].unique()], rows)


def families(tables: Path) -> str:
    """Size in % of ``ft``, speed-ups and change of the score of each model, by family, beside published ones."""
    table = read(tables, "families")
    rows = [
        (
            row.family,
            row.source if pd.isna(row.recipe) else f"`{row.recipe}`",
            *map(percent, (row.percent, row.percent_no_embeddings, row.file_percent)),
            *map(speed, (row.speedup_cpu, row.speedup_openvino)),
            over_tasks(row.change, row),
        )
        for row in table.itertuples()
    ]
    head = ["family", "model", "% of size", "without embeddings", "packed files", "onnxruntime", "OpenVINO", "points"]
    return _by_arch(table["arch"], head, rows)


def _by_arch(archs: pd.Series, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of models, with their architectures in front where there are several."""
    if archs.nunique() < 2:
        return markdown(head, rows)
    return markdown(["arch", *head], [(text(arch), *row) for arch, row in zip(archs, rows, strict=True)])


def compounds(tables: Path) -> str:
    """Of each pair of compressions size, speed and loss beside the product, or the sum, of its parts."""
    table = read(tables, "compounds")
    rows = [
        (
            f"`{row.recipe}`",
            times(row.times_smaller),
            times(row.times_smaller_product),
            *map(speed, (row.speedup, row.speedup_product)),
            number(row.change, "+.1f"),
            number(row.change_sum, "+.1f"),
            over_tasks(row.beyond, row),
        )
        for row in table.itertuples()
    ]
    head = ["recipe", "smaller", "product", "faster", "product", "points", "sum", "beyond the sum"]
    return _by_arch(table["arch"], head, rows)


def floors(tables: Path) -> str:
    """Models without an encoder."""
    table = read(tables, "floors")
    rows = [
        (row.task, row.model, row.metric, number(row.score), size(row.file_mb), milliseconds(row.median_ms))
        for row in table.itertuples()
    ]
    return markdown(["task", "model", "metric", "score", "MB", "ms a row"], rows)


TABLES: dict[str, Callable[[Path], str]] = {
    made.__name__: made
    for made in (
        *(scores, by_recipe, deployed),
        *(table1, curves, matched, scaling, claims, changes, significance, hours, cells, latency),
        *(families, compounds, floors),
        *layer_tables.ALL,
    )
}
"""By the name in the markers."""

_MARKED = re.compile(r"<!-- (?P<run>[\w-]+) (?P<table>\w+): begin -->\n.*?<!-- (?P=run) (?P=table): end -->", re.DOTALL)


_MARKER = re.compile(r"<!--[^>]*\b(?:begin|end)\b[^>]*-->")


def filled(text: str, runs: Path) -> str:
    """The page with its tables as they should be, from the published runs in a folder.

    Raises:
        UserError: a marker names a table that is not known or has no other beside it, or a table of the run is missing.
    """
    pairs = [found.span() for found in _MARKED.finditer(text)]
    for found in _MARKER.finditer(text):
        if not any(start <= found.start() < end for start, end in pairs):
            line = text.count("\n", 0, found.start()) + 1
            raise UserError(
                f"line {line}: {found[0]} is no pair with another marker: write <!-- run table: begin --> and, on a "
                "later line, <!-- run table: end -->, with the same run and table"
            )

    def table(found: re.Match[str]) -> str:
        run, name = found["run"], found["table"]
        if name not in TABLES:
            raise UserError(f"the marker {run} {name} names no table: known are {', '.join(TABLES)}")
        return f"<!-- {run} {name}: begin -->\n{TABLES[name](runs / run / 'tables')}\n<!-- {run} {name}: end -->"

    return _MARKED.sub(table, text)
