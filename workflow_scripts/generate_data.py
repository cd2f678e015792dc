"""Write a split of a synthetic GLUE task, in the columns of the real one."""

from argparse import Namespace

import pyarrow.parquet

from multipress.core.files import replacing
from multipress.core.settings import Name, Section
from multipress.data.synthetic.tables import generate
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the rows depend on."""

    task: Name
    split: str
    rows: dict[str, int]
    """Rows of the split, and of those whose rows it must not repeat."""
    seed: int
    text_columns: list[str]
    label_column: str


def main(params: Params, arguments: Namespace) -> None:
    """Generate, name the columns, write."""
    table = generate(params.task, params.rows, params.seed)[params.split]
    texts = ["text_a", "text_b"][: len(params.text_columns)]
    table = table.select(["idx", *texts, "label"]).rename_columns(["idx", *params.text_columns, params.label_column])
    with replacing(arguments.output) as path:
        pyarrow.parquet.write_table(table, path)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output="the Parquet file to write")
    run(main, Params, command)
