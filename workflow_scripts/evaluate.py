"""Score all recipes of one (task, arch, seed) on the dev sets: metrics, sizes and predictions."""

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from multipress.core import devices
from multipress.core.files import replacing, write_json
from multipress.core.settings import Section
from multipress.data.prepared import read_task
from multipress.data.token_files import read_tokens
from multipress.evaluation.evaluate import EvaluatedModel, evaluate_model
from multipress.evaluation.exported import read_exported
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_runtime


class Params(Section):
    """The settings of this rule."""

    task: str
    data: str
    metric: str
    arch: str
    seed: int
    recipes: list[str]
    batch_size: int


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Evaluate one model after the other and write both files at the end."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    task = read_task(arguments.task_file)
    dev_sets = {path.stem: read_tokens(path) for path in arguments.dev}
    deployed = read_exported(arguments.deployed) if arguments.deployed else {}
    records, predictions = [], []
    for recipe in params.recipes:
        subject = EvaluatedModel(
            params.task,
            params.data,
            params.metric,
            params.arch,
            recipe,
            params.seed,
            arguments.models / recipe,
            packed=arguments.packed and arguments.packed.with_name(f"{recipe}.safetensors"),
            deployed=deployed.get(recipe),
        )
        record, table = evaluate_model(subject, task, dev_sets, params.batch_size, device)
        print(f"{subject.folder}: {params.metric} {record['score']:.2f}")
        records.append(record)
        predictions.append(table)
    with replacing(arguments.predictions) as temporary:
        pa.parquet.write_table(pa.concat_tables(predictions), temporary)
    write_json(arguments.metrics, records)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        models="folder with one folder for each recipe",
        task_file="task.json of the prepared task",
        metrics="JSON file with a record for each model",
        predictions="Parquet file with logits and predictions of each row",
    )
    arguments.add_argument("--dev", type=Path, nargs="+", required=True, help="tokens of the dev sets")
    arguments.add_argument("--deployed", type=Path, nargs="?", help="logits and sizes of the exported models")
    arguments.add_argument("--packed", type=Path, nargs="?", help="files.json beside the packed files")
    add_runtime(arguments)
    run(main, Params, arguments)
