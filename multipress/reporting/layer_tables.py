"""Tables of layers for a page of results: how far from the dense parent's, and what a linear model reads in them.

Numbers are means over seeds.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from multipress.dissection.probes.settings import UNTRAINED
from multipress.dissection.tables import NOISE_FLOOR
from multipress.reporting.cells import interval, markdown, read, text

FLOOR = "another seed"
"""What the rows of the noise floor are called."""


def cka(tables: Path) -> str:
    """1 - CKA of the hidden states of each layer."""
    return _apart(read(tables, "similarity"), "cka")


def cka_standardized(tables: Path) -> str:
    """The same where every unit has the same variance."""
    return _apart(read(tables, "similarity"), "cka_standardized")


def pwcca(tables: Path) -> str:
    """1 - PWCCA of the hidden states of each layer."""
    return _apart(read(tables, "similarity"), "pwcca")


def attention(tables: Path) -> str:
    """Jensen-Shannon divergence, in bits, of the attention of each layer."""
    table = read(tables, "attention")
    return _by_layer(_named(table), table["divergence"], ".3f")


def complexity(tables: Path) -> str:
    """Participation ratio of the hidden states of each layer."""
    table = read(tables, "complexity")
    table = table[table["layer"] > 0]
    return _by_layer(table.assign(shown="`" + table["recipe"] + "`"), table["participation_ratio"], ".3g")


def dissection_claims(tables: Path) -> str:
    """What is said of pruned models' representations: the number beside the noise floor's."""
    table = read(tables, "dissection_claims")
    table["asked"] = table["claim"] + " (" + table["measure"] + ")"
    rows = []
    for (task, recipe), part in table.groupby(["task", "recipe"], sort=False):
        found = part.set_index("asked")
        if not found["estimate"].isna().all():
            rows.append([task, f"`{recipe}`", *(_verdict(found.loc[name]) for name in table["asked"].unique())])
    return markdown(["task", "recipe", *table["asked"].unique()], rows)


def probes(tables: Path) -> str:
    """Accuracy of each probe at the layer where it is best, in %, beside that of embeddings and of random weights."""
    table = read(tables, "probes").dropna(subset=["accuracy"])
    names = list(table["probe"].unique())
    rows = []
    for task, of_task in table.groupby("task", sort=False):
        means = 100 * of_task.groupby(["recipe", "probe", "layer"], sort=False)["accuracy"].mean()
        for recipe in of_task["recipe"].unique():
            best = means[recipe].groupby("probe").max()
            shown = "untrained" if recipe == UNTRAINED else f"`{recipe}`"
            rows.append([task, shown, *(_accuracy(best, name) for name in names)])
        dense = of_task[(of_task["recipe"] != UNTRAINED) & (of_task["layer"] == 0)]
        first = 100 * dense[dense["recipe"] == dense["recipe"].iloc[0]].groupby("probe")["accuracy"].mean()
        majority = 100 * of_task.groupby("probe")["majority"].mean()
        rows.append([task, "embeddings", *(_accuracy(first, name) for name in names)])
        rows.append([task, "majority", *(_accuracy(majority, name) for name in names)])
    return markdown(["task", "recipe", *names], rows)


def probe_claims(tables: Path) -> str:
    """What pruned models keep of each kind of information, and whether what is complex goes first."""
    table = read(tables, "probe_claims")
    rows = [
        [row.arch, f"`{row.start}`", row.claim, _estimate(row), text(row.verdict), text(row.note)]
        for row in table.itertuples()
    ]
    return markdown(["arch", "from", "quantity", "estimate", "verdict", "note"], rows)


def lost_rows(tables: Path) -> str:
    """Which rows most seeds of a recipe lose, in % of those that the parent has right, by kind of row."""
    table = read(tables, "lost_rows")
    bins = table[["feature", "bin"]].drop_duplicates()
    rows = []
    for (task, recipe), part in table.groupby(["task", "recipe"], sort=False):
        rate = part.set_index(["feature", "bin"])["rate"]
        rows.append([task, f"`{recipe}`", *(_rate(rate.get((row.feature, row.bin))) for row in bins.itertuples())])
    return markdown(["task", "recipe", *(f"{row.feature}: {row.bin}" for row in bins.itertuples())], rows)


ALL = (cka, cka_standardized, pwcca, attention, complexity, dissection_claims, probes, probe_claims, lost_rows)
"""Every one."""


def _apart(similarity: pd.DataFrame, measure: str) -> str:
    table = _named(similarity[similarity["layer"] > 0])
    return _by_layer(table, 1 - table[measure], ".2f")


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """With the names that rows are shown by."""
    is_floor = table["kind"] == NOISE_FLOOR
    return table.assign(shown=("`" + table["recipe"] + "`").mask(is_floor, FLOOR))


def _by_layer(table: pd.DataFrame, values: pd.Series, form: str) -> str:
    """A row for each recipe of a task, a column for each layer; a layer that was cut out has a dash."""
    place = "against_layer" if "against_layer" in table else "layer"
    means = values.groupby([table["task"], table["shown"], table[place]], sort=False).mean().unstack()
    means = means[sorted(means.columns)]
    rows = []
    for row in table[["task", "shown"]].drop_duplicates().itertuples():
        found = means.loc[(row.task, row.shown)]
        rows.append([row.task, row.shown, *("–" if pd.isna(value) else f"{value:{form}}" for value in found)])
    return markdown(["task", "recipe", *(f"layer {layer}" for layer in means.columns)], rows)


def _verdict(row: pd.Series) -> str:
    """The verdict, and what it rests on."""
    if pd.isna(row["estimate"]):
        return text(row["verdict"])
    return f"{row['verdict']} ({row['estimate']:.2f} to {row['floor']:.2f})"


def _estimate(row: Any) -> str:
    return interval(row.estimate, row.low, row.high)


def _accuracy(found: pd.Series, name: str) -> str:
    return f"{found[name]:.1f}" if name in found else "–"


def _rate(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{100 * value:.0f}"
