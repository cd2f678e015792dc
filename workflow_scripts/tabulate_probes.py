"""Collect what probes found in all models: probes.csv, and what follows from it, probe_claims.csv."""

import argparse
from pathlib import Path

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.dissection.probes.claims import probe_claims
from multipress.dissection.probes.table_files import gather_probes
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The settings of this rule."""

    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write both tables."""
    probes = gather_probes(arguments.models)
    csv_tables.write(arguments.probes, probes)
    claims = probe_claims(probes, params.variants)
    csv_tables.write(arguments.claims, claims)
    print(f"{len(probes)} rows, {len(claims)} claims")


if __name__ == "__main__":
    command = parser(__doc__)
    command.add_argument("--models", type=Path, nargs="+", required=True, metavar="PATH", help="rows of each model")
    add_paths(command, probes="CSV file for all models", claims="CSV file for the claims")
    run(main, Params, command)
