"""Tables of layers for a page of results: how far from the dense parent's, and what a linear model reads in them.

Numbers are means over seeds.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from multipress.dissection.tables import COMPRESSED, NOISE_FLOOR
from multipress.reporting.cells import interval, markdown, read, text

_MODEL = ["task", "arch", "recipe"]


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
    keys = ["task", "arch", "recipe", "seed", "layer"]
    pairs = read(tables, "similarity")
    places = pairs[pairs["kind"] == COMPRESSED].set_index(keys)["against_layer"]
    table = read(tables, "complexity").set_index(keys)
    table = table.join(places).reset_index()
    table["against_layer"] = table["against_layer"].fillna(table["layer"]).astype(int)
    table = table[table["layer"] > 0]
    return _by_layer(table.assign(shown="`" + table["recipe"] + "`"), table["participation_ratio"], ".3g")


def dissection_claims(tables: Path) -> str:
    """What is said of pruned models' representations: the verdict, the number and the noise floor's."""
    table = read(tables, "dissection_claims")
    table["asked"] = table["claim"] + " (" + table["measure"] + ")"
    asked = table["asked"].unique()
    rows = [
        [*_of(key), *(_verdict(row) for row in part.set_index("asked").loc[asked].itertuples())]
        for key, part in table.groupby(_MODEL, sort=False)
        if part["estimate"].notna().any()
    ]
    return markdown([*_MODEL, *asked], rows)


def probes(tables: Path) -> str:
    """Accuracy of each probe in % at its best layer above the embeddings, and what that is to be held to."""
    table = read(tables, "probes").dropna(subset=["accuracy"])
    names = list(table["probe"].unique())
    rows = []
    for (task, arch), part in table.groupby(["task", "arch"], sort=False):
        of_models = part[part["layer"] > 0].groupby(["recipe", "probe", "layer"], sort=False)["accuracy"].mean()
        first = part[(part["layer"] == 0) & (part["recipe"] == part["recipe"].iloc[0])]
        found = {
            **{f"`{recipe}`": of_models[recipe].groupby("probe").max() for recipe in part["recipe"].unique()},
            "embeddings": first.groupby("probe")["accuracy"].mean(),
            "majority": part.groupby("probe")["majority"].mean(),
        }
        rows += [[task, arch, name, *(_share(own.get(probe)) for probe in names)] for name, own in found.items()]
    return markdown([*_MODEL, *names], rows)


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
    table = read(tables, "lost_rows").dropna(subset=["feature"])
    bins = table[["task", "feature", "bin"]].drop_duplicates()
    recipes = table["recipe"].unique()
    rates = table.set_index(["task", "arch", "feature", "bin", "recipe"])["rate"]
    rows = []
    for arch in table["arch"].unique():
        for task, feature, name in bins.itertuples(index=False):
            found = (rates.get((task, arch, feature, name, recipe)) for recipe in recipes)
            rows.append([task, arch, feature, name, *map(_share, found)])
    return markdown(["task", "arch", "rows by", "of", *(f"`{recipe}`" for recipe in recipes)], rows)


ALL = (cka, cka_standardized, pwcca, attention, complexity, dissection_claims, probes, probe_claims, lost_rows)
"""Every one."""


def _apart(similarity: pd.DataFrame, measure: str) -> str:
    table = _named(similarity[similarity["layer"] > 0])
    return _by_layer(table, 1 - table[measure], ".2f")


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """With the names that rows are shown by."""
    shown = "`" + table["recipe"] + "`"
    return table.assign(shown=shown.mask(table["kind"] == NOISE_FLOOR, shown + ", another seed"))


def _by_layer(table: pd.DataFrame, values: pd.Series, form: str) -> str:
    """A row for each model, a column for each layer of the parent; a dash where that is cut out."""
    keys = ["task", "arch", "shown"]
    means = values.groupby([table[key] for key in [*keys, "against_layer"]], sort=False).mean().unstack()
    means = means[sorted(means.columns)]
    rows = []
    for task, arch, shown in table[keys].drop_duplicates().itertuples(index=False):
        found = means.loc[(task, arch, shown)]
        rows.append([task, arch, shown, *("–" if pd.isna(value) else f"{value:{form}}" for value in found)])
    return markdown([*_MODEL, *(f"layer {layer}" for layer in means.columns)], rows)


def _of(key: tuple[str, ...]) -> list[str]:
    task, arch, recipe = key
    return [task, arch, f"`{recipe}`"]


def _verdict(row: Any) -> str:
    """The verdict, and what it rests on."""
    if pd.isna(row.estimate) or pd.isna(row.floor):
        return text(row.verdict)
    return f"{row.verdict}: {row.estimate:.2g}, floor {row.floor:.2g}"


def _estimate(row: Any) -> str:
    return interval(row.estimate, row.low, row.high)


def _share(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{100 * value:.1f}"
