"""Bring a task to one schema: {split}.parquet with idx, text_a, text_b, label; and task.json."""

from argparse import Namespace
from pathlib import Path
from typing import Literal

import pyarrow.parquet

from multipress.config.base import Name, Section
from multipress.config.data import DataSettings
from multipress.config.tasks import TaskSpec
from multipress.data import prepare
from multipress.data.prepared import PreparedTask
from multipress.errors import UserError
from multipress.files import replacing, write_json
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the prepared rows depend on, beside the source's files."""

    name: Name
    task: TaskSpec
    source: Literal["hub", "folder", "synthetic"]
    settings: DataSettings


def main(params: Params, arguments: Namespace) -> None:
    """Read, check, sample, write."""
    task = params.task
    if params.source == "synthetic":
        splits, labels = prepare.synthetic(params.name, task, params.settings)
    elif arguments.source_dir is None:
        raise UserError(f"source {params.source!r} needs --source-dir, the folder with the task's files")
    else:
        read = prepare.from_hub if params.source == "hub" else prepare.from_folder
        splits, labels = read(task, arguments.source_dir)
    splits = prepare.sample(splits, params.settings, params.name, labels)
    chosen = arguments.splits or list(splits)
    for split in chosen:
        with replacing(arguments.output_dir / f"{split}.parquet") as temporary:
            pyarrow.parquet.write_table(splits[split], temporary)
    if "train" in chosen:
        _describe(params, splits, labels, arguments.output_dir / "task.json")


def _describe(params: Params, splits: prepare.Splits, labels: list[str] | None, path: Path) -> None:
    task = params.task
    prepared = PreparedTask(
        name=params.name,
        kind=task.kind,
        metric=task.metric,
        labels=labels,
        label_range=task.label_range,
        source=params.source,
        pair=len(task.text_columns) == 2,
        rows={split: table.num_rows for split, table in splits.items()},
        dev_splits=task.dev_splits,
    )
    write_json(path, prepared.model_dump(mode="json"))


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for the splits and task.json")
    command.add_argument(
        "--source-dir", type=Path, metavar="PATH", help="folder with the source's files, for source folder or hub"
    )
    command.add_argument("--splits", nargs="+", help="splits to write, default all; task.json goes with train")
    run(main, Params, command)
