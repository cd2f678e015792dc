"""Bring a dev set to one schema, and look for its rows among the training rows."""

from argparse import Namespace
from typing import Literal

from multipress.data.prepare import label_names, sample
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._preparation import SplitParams, check_dev_labels, write_rows


class Params(SplitParams):
    """What the rows depend on, beside the source's files."""

    split: str
    metric: Literal["f1", "matthews"] | None = None
    """The primary metric of a classification task, if rows of some labels give it no value."""


def main(params: Params, arguments: Namespace) -> None:
    """Read, check, sample, write."""
    train = params.read(arguments.train)
    names = label_names(params.rows, train)
    dev = params.read(arguments.dev)
    rows = sample(params.bring(dev, names), params.limit, params.sample_seed, params.name, params.split)
    params.tell_shared_rows(train, dev)
    taken = f"{arguments.dev}, as far as max_dev_rows takes it,"
    check_dev_labels(taken, rows, params.metric or ("accuracy" if names else "pearson"), names)
    write_rows(arguments.output, rows)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        dev="the source's file of the dev set",
        train="the source's file of training rows",
        output="the Parquet file to write",
    )
    run(main, Params, command)
