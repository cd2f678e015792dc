"""The tables of all results: a row for each evaluated model, and their means over tasks."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd
from pydantic import ValidationError

from multipress.compression import recipes
from multipress.compression.recipes import NO_VARIANTS, Variants, recipe_order
from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.evaluation.record import DEPLOYED, LATER, SIZES, TRAINED, Record
from multipress.evaluation.tables import EXITS, RESULTS, SUMMARY

_TEXT = [*RESULTS.text, *SUMMARY.text]


class Named(Protocol):
    """What says where a model stands among others."""

    @property
    def task(self) -> str:
        """Its task."""

    @property
    def arch(self) -> str:
        """Its architecture."""

    @property
    def recipe(self) -> str:
        """Its recipe."""

    @property
    def seed(self) -> int:
        """Its seed."""

    @property
    def parameters(self) -> int:
        """Its number of parameters."""


Model = TypeVar("Model", bound=Named)


def tabulate(files: Sequence[Path], variants: Variants = NO_VARIANTS) -> pd.DataFrame:
    """One row for each model in the metrics files.

    Rows are ordered by task (as the files come), architecture (large first), recipe (as in Table 1) and seed; the
    columns are those of :class:`Record`, with the recipe's subset after the seed, then scores on further dev sets.

    Args:
        files: What evaluation jobs wrote.
        variants: The steps that variants in recipes vary.

    Raises:
        UserError: a file is no list of records, names no recipe, or a model occurs twice.
    """
    return _frame(_read_models(files, variants), variants)


def tabulate_exits(files: Sequence[Path], variants: Variants = NO_VARIANTS) -> pd.DataFrame:
    """A row for each model with exits in the metrics files and each threshold, models in the order of ``tabulate``.

    Raises:
        UserError: as ``tabulate`` does.
    """
    rows = [
        {"task": model.task, "arch": model.arch, "recipe": model.recipe, "seed": model.seed, **point.model_dump()}
        for model in _read_models(files, variants)
        for point in model.exits or []
    ]
    return pd.DataFrame(rows, columns=EXITS.columns)


def _read_models(files: Sequence[Path], variants: Variants) -> list[Record]:
    """The records of all files, in order."""
    records: dict[tuple[Hashable, ...], Record] = {}
    for file in files:
        for record in _read_records(file):
            _check_recipe(file, record.recipe, variants)
            model = (record.task, record.arch, record.recipe, record.seed)
            if model in records:
                raise UserError(f"{file} repeats task {record.task}, {_model_name(record)}; pass every file once")
            records[model] = record
    if not records:
        raise UserError("the metrics files hold no model; evaluate at least one")
    return in_order(records.values(), variants)


def _check_recipe(file: Path, recipe: str, variants: Variants) -> None:
    try:
        recipes.parse(recipe, variants)
    except ValueError as error:
        raise UserError(f"{file}: {error}; delete the file and rerun the rule evaluate") from None


def _read_records(file: Path) -> list[Record]:
    values = read_json(file)
    if not isinstance(values, list):
        raise UserError(f"{file} is no list of records; delete it and rerun the rule evaluate")
    return [_record(file, number, value) for number, value in enumerate(values)]


def _record(file: Path, number: int, value: Any) -> Record:
    try:
        return Record.model_validate(value)
    except ValidationError as error:
        problem = error.errors()[0]
        location = ".".join(str(part) for part in (number, *problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ")
        raise UserError(f"{file}: record {location}: {message}; delete the file and rerun the rule evaluate") from None


def _model_name(record: Record) -> str:
    return f"arch {record.arch}, recipe {record.recipe}, seed {record.seed}"


def in_order(models: Iterable[Model], variants: Variants) -> list[Model]:
    """Models by task (as they come), architecture (large first), recipe (as in Table 1) and seed."""
    models = list(models)
    tasks = list(dict.fromkeys(model.task for model in models))
    parameters = {model.arch: model.parameters for model in sorted(models, key=lambda model: model.parameters)}

    def order(model: Model) -> tuple[Any, ...]:
        return (
            tasks.index(model.task),
            -parameters[model.arch],
            model.arch,
            recipe_order(model.recipe, variants),
            model.seed,
        )

    return sorted(models, key=order)


def _frame(records: Sequence[Record], variants: Variants) -> pd.DataFrame:
    further = sorted({key for record in records for key in record.__pydantic_extra__})
    rows = [{**record.model_dump(), "subset": recipes.subset(record.recipe, variants)} for record in records]
    frame = pd.DataFrame(rows, columns=[*RESULTS.columns, *further])
    counts = ["predictions_changed", *TRAINED]
    optional = ["mean_layers", *(name for name in DEPLOYED if name not in counts)]
    optional += ["accuracy", "f1", "matthews", "pearson", "spearman", "packed_mb", "packed_mb_no_embeddings"]
    # Int64, unlike int64, has room for what is unknown: a count stays a count.
    return frame.astype(dict.fromkeys([*optional, *further], float) | dict.fromkeys(counts, "Int64"))


def summarize(results: pd.DataFrame, variants: Variants = NO_VARIANTS) -> pd.DataFrame:
    """The means that Figure 1 shows: over all tasks of ``results`` for each architecture and recipe.

    ``score`` is the mean over seeds of the mean over tasks; ``score_std`` is the standard deviation over seeds of the
    latter, NaN with one seed. Where any task of a seed is missing, scores and sizes are NaN and ``note`` names it.
    """
    trials = list(results["task"].unique()), sorted(results["seed"].unique())
    groups = results.groupby(["arch", "recipe"], sort=False)
    rows = [_summary_row(arch, recipe, group, *trials) for (arch, recipe), group in groups]
    parameters = results.groupby("arch")["parameters"].max()
    rows.sort(key=lambda row: (-parameters[row["arch"]], row["arch"], recipe_order(row["recipe"], variants)))
    return pd.DataFrame(rows, columns=SUMMARY.columns)


def _summary_row(arch: str, recipe: str, models: pd.DataFrame, tasks: list[str], seeds: list[int]) -> dict[str, Any]:
    scores = models.pivot(index="seed", columns="task", values="score").reindex(index=seeds, columns=tasks)
    missing = [f"{task} (seed {seed})" for seed, row in scores.iterrows() for task in tasks if pd.isna(row[task])]
    of_seeds = scores.mean(axis="columns", skipna=False)
    sizes = models[SIZES].mean(skipna=False)
    return {
        "arch": arch,
        "subset": models["subset"].iloc[0],
        "recipe": recipe,
        "data": "+".join(sorted(models["data"].unique())),
        "score": of_seeds.mean(skipna=False),
        "score_std": of_seeds.std(skipna=False),
        "n_tasks": models["task"].nunique(),
        "n_seeds": len(scores),
        **{size: float("nan") if missing else sizes[size] for size in SIZES},
        "note": f"missing: {', '.join(missing)}" if missing else "",
    }


def write_summary(results: Path, summary: Path, variants: Variants = NO_VARIANTS) -> pd.DataFrame:
    """Write the means of a written table of results, which anyone who has that table can compute; return them.

    Raises:
        UserError: the table is missing, is none, or lacks a column; or the summary cannot be written.
    """
    table = summarize(read_results_table(results), variants)
    write_table(summary, table)
    return table


def read_results_table(path: Path) -> pd.DataFrame:
    """Read a table of results, also one of before a column of ``LATER``, whose cells are then not known.

    Raises:
        UserError: the file is missing, is no table, or lacks another column.
    """
    table = read_table(path, [column for column in RESULTS.columns if column not in LATER])
    unknown = {column: "" if column in RESULTS.text else float("nan") for column in LATER}
    return table.assign(**{column: value for column, value in unknown.items() if column not in table})


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: scores with 4 decimals, seconds with 3, everything else with 6."""
    csv_tables.write(path, table, _decimals)


def _decimals(column: str) -> int:
    if column.endswith("_seconds"):
        return 3
    return 4 if column.startswith("score") else 6


def read_table(path: Path, columns: Collection[str], maker: str = "the rule tabulate") -> pd.DataFrame:
    """Read a table that ``write_table`` wrote; names stay text and only empty cells are missing.

    Args:
        path: The file.
        columns: Columns that the table must have.
        maker: What to rerun where the file is not as it should be.

    Raises:
        UserError: the file is missing, is no table, or lacks one of ``columns``.
    """
    return csv_tables.read(path, columns, maker, text=_TEXT)
