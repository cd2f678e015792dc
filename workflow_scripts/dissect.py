"""Compare representations of compressed models with those of their dense parents: similarity, attention, complexity."""

import argparse
from pathlib import Path

import pandas as pd

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.dissection.dissect import dissect
from multipress.dissection.tables import ATTENTION
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """This rule has no settings: the files say all."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the three tables."""
    similarity, complexity = dissect(arguments.states)
    attention = [csv_tables.read_as(ATTENTION, path, "the rule represent") for path in arguments.attention_files]
    csv_tables.write(arguments.similarity, similarity)
    csv_tables.write(arguments.attention, pd.concat([each for each in attention if len(each)] or attention[:1]))
    csv_tables.write(arguments.complexity, complexity)
    print(f"{len(arguments.states)} models; {len(similarity)} pairs of layers")


if __name__ == "__main__":
    command = parser(__doc__)
    files = {"states": "hidden states of each model", "attention-files": "divergences of attention of each model"}
    for name, meaning in files.items():
        command.add_argument(f"--{name}", type=Path, nargs="+", required=True, metavar="PATH", help=meaning)
    add_paths(
        command,
        similarity="CSV file for pairs of layers",
        attention="CSV file for the attention of pairs of layers",
        complexity="CSV file for single layers",
    )
    run(main, Params, command)
