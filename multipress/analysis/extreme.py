"""What others report of BERTs with one or two bits a weight, from the file ``reference/extreme.csv``."""

from pathlib import Path

import pandas as pd

from multipress.analysis.paper import REFERENCE, read_published

TASK = "mnli"
"""The task that every source reports."""

_FLOAT = "BERT"
"""The model of each source that its others are compared with."""

_TEXT = ["source", "model", "task", "metric", "what_counts", "note"]
_MODEL = ["source", "model", "weight_bits", "activation_bits", "layers"]


def read_extreme(folder: Path = REFERENCE) -> pd.DataFrame:
    """The models of the file against their source's float one, a row for each.

    Columns source, model, weight_bits, activation_bits and layers; ``fewer_layers``, whether it has fewer than the
    float one; ``times_smaller`` by the source's own count of size; ``change`` on MNLI, and ``change_all`` as the mean
    over all tasks of the source, in points. ``reference/README.md`` says where the numbers are from.

    Raises:
        UserError: the file is missing, lacks a column, or has text among its numbers.
    """
    numbers = ["score", "size_mib", "weight_bits", "activation_bits", "layers"]
    table = read_published(folder / "extreme.csv", [*_TEXT, *numbers], _TEXT)
    against = table[table["model"] == _FLOAT][["source", "task", "score", "size_mib", "layers"]]
    pairs = table[table["model"] != _FLOAT].merge(against, on=["source", "task"], suffixes=("", "_float"))
    pairs = pairs.assign(
        times_smaller=pairs["size_mib_float"] / pairs["size_mib"],
        fewer_layers=pairs["layers"] < pairs["layers_float"],
        change_all=pairs["score"] - pairs["score_float"],
        change=(pairs["score"] - pairs["score_float"]).where(pairs["task"] == TASK),
    )
    columns = {"fewer_layers": "first", "times_smaller": "first", "change": "mean", "change_all": "mean"}
    return pairs.groupby(_MODEL, sort=False).agg(columns).reset_index()
