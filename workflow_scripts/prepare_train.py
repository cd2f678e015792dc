"""Bring a task's training rows to one schema; with them task.json, and the rows that a training is watched by."""

from argparse import Namespace

from multipress.core.files import write_json
from multipress.data import checks
from multipress.data.prepare import label_names, sample
from multipress.data.prepared import PreparedTask
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._preparation import SplitParams, check_dev_labels, write_rows

MONITOR_ROWS = 1000
"""Rows of the dev set that give the dev score in a training's history: enough for a curve."""


class Params(SplitParams):
    """What the training rows depend on, beside the source's file."""


def main(params: Params, arguments: Namespace) -> None:
    """Read, check, sample, write."""
    train, dev = (params.read(path) for path in (arguments.train, arguments.dev))
    names = label_names(params.rows, train)
    rows = sample(params.bring(train, names), params.limit, params.sample_seed, params.name, "train")
    checks.differing_labels(f"{arguments.train}, as far as max_train_rows takes it", rows["label"], names)
    dev_rows = params.bring(dev, names)
    check_dev_labels(str(arguments.dev), dev_rows, "accuracy" if names else "pearson", names)
    params.tell_shared_rows(train, dev)
    write_rows(arguments.output_dir / "train.parquet", rows)
    write_rows(arguments.output_dir / "monitor.parquet", sample(dev_rows, MONITOR_ROWS, params.name, "monitor"))
    prepared = PreparedTask(kind=params.rows.kind, labels=names)
    write_json(arguments.output_dir / "task.json", prepared.model_dump(mode="json"))


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        train="the source's file of training rows",
        dev="the source's file of the dev set",
        output_dir="folder for train.parquet, monitor.parquet and task.json",
    )
    run(main, Params, command)
