"""Make HTML pages of tables: they sort, and open offline. files.json, written last, holds their digests."""

import argparse
from pathlib import Path

from multipress.analysis import table_files
from multipress.analysis.flag_warnings import warnings
from multipress.analysis.tables import FLAGS, TABLE1_PER_TASK
from multipress.core.files import sha256, write_json
from multipress.core.settings import Section
from multipress.reporting.contents import first_columns
from multipress.reporting.html_tables import read_sheet, write_page
from workflow_scripts._command import add_paths, parser, run

SYNTHETIC = "Some of the data are synthetic: these numbers cannot be compared with the paper's."


class Params(Section):
    """The pages: by name, the headings of their tables and the names of the files."""

    pages: dict[str, list[tuple[str, str]]]
    synthetic: bool = False
    """Whether any task is made up; the pages then say so."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write each page as a file of its name, and the list of them."""
    digests: dict[str, str] = {}
    first = first_columns()
    said = [SYNTHETIC] * params.synthetic + _warnings(params, arguments.tables)
    for name, tables in params.pages.items():
        files = [(arguments.tables / f"{table}.csv", heading, first.get(table, ())) for heading, table in tables]
        sheets = [read_sheet(*file) for file in files]
        file = arguments.output_dir / f"{name}.html"
        write_page(file, name, sheets, said)
        digests[file.name] = sha256(file)
    write_json(arguments.output_dir / "files.json", digests)


def _warnings(params: Params, folder: Path) -> list[str]:
    """What every page says of models in doubt, where the pages show them."""
    shown = {table for tables in params.pages.values() for _, table in tables}
    if not {FLAGS.name, TABLE1_PER_TASK.name} <= shown:
        return []
    found, per_task = (table_files.read(folder / table.file, table.columns) for table in (FLAGS, TABLE1_PER_TASK))
    return warnings(found, per_task)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, tables="folder of the CSV files", output_dir="folder of the pages")
    run(main, Params, arguments)
