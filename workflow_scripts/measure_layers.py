"""Measure how long the parts of an architecture's layers take in onnxruntime, by their heads and neurons."""

import argparse

import pandas as pd

from multipress.compression.layer_times import COLUMNS
from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.evaluation.latency.layers import measure_layers
from multipress.evaluation.latency.settings import LayerBatch, TurnSettings
from multipress.model.shape import ArchitectureSpec
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The settings of this rule."""

    arch: str
    architecture: ArchitectureSpec
    batch: LayerBatch
    settings: TurnSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Measure and write the table."""
    rows = measure_layers(params.architecture, params.batch, params.settings)
    table = pd.DataFrame(rows).assign(arch=params.arch)[list(COLUMNS)]
    csv_tables.write(arguments.output, table)
    print(f"{len(table)} points: {arguments.output}")


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, output="CSV table with a row for each precision, part and count")
    run(main, Params, arguments)
