"""Make the examples of a task's probes from the texts of its rows."""

import argparse

from pydantic import Field

from multipress.core.files import write_json
from multipress.core.settings import Section
from multipress.data.prepared import read_rows
from multipress.dissection.probes.build import build
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the examples depend on, the rows apart."""

    probes: list[str]
    examples: int = Field(ge=1)
    """Of a probe, at most."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write one file for all probes."""
    found = build(read_rows(arguments.dev), read_rows(arguments.train), params.probes, params.examples)
    write_json(arguments.output, found.model_dump())
    for name, each in found.sets.items():
        of_training = each.training_texts(each.sources)
        share = f", {of_training:.0%} of them of training rows" if of_training else ""
        print(f"{name}: {f'left out: {each.left_out}' if each.left_out else f'{len(each.labels)} examples{share}'}")


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        dev="rows of the dev set, a Parquet file",
        train="training rows, for what the dev set does not suffice for",
        output="JSON file of examples to write",
    )
    run(main, Params, command)
