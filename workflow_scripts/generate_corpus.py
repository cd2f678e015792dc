"""Write the synthetic text for the vocabulary and for pre-training."""

from argparse import Namespace

from multipress.core.files import replacing
from multipress.core.settings import Section
from multipress.data.synthetic.tables import corpus
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the text depends on."""

    lines: int
    seed: int


def main(params: Params, arguments: Namespace) -> None:
    """Generate, write."""
    with replacing(arguments.output) as path:
        path.write_text("".join(f"{line}\n" for line in corpus(params.lines, params.seed)), encoding="utf-8")


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output="the text file to write")
    run(main, Params, command)
