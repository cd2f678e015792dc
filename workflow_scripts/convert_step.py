"""Make a model by one step of its recipe that does not train, such as post-training quantization.

Serves all rules of methods that do not train; --params says which method.
"""

import argparse
import time

from multipress.compression.implementations import apply_step
from multipress.compression.step_work import StepWork
from multipress.core import devices
from multipress.data.token_files import read_tokens
from multipress.training.batches import RowBatches
from multipress.training.loop import TrainingContext
from multipress.training.objectives import task_objective
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_runtime
from workflow_scripts._steps import Params, read_parent, save_model


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Apply the method to the parent; it may look at training rows."""
    params.check(trains=False)
    settings, seed = params.read_settings(), params.seed_of_model
    device = devices.prepare(arguments.device, arguments.threads, seed)
    batches = RowBatches(read_tokens(arguments.train), settings.batch_size, seed, device)
    start = read_parent(params, arguments.parent)
    start.model.to(device)
    work = StepWork(settings, params.argument, batches, TrainingContext(device), task_objective("classification"))
    started = time.perf_counter()
    applied = apply_step(params.method, start.model, work)
    seconds = round(time.perf_counter() - started, 3)
    summary = {
        "steps": 0,
        "seconds": seconds,
        "micro_batch": None,
        "trained_on": devices.described(device),
        "calibration_rows": applied.rows,
    }
    save_model(start, params.record(applied, start.model), arguments.output_dir, arguments.parent, summary)
    print(f"{params.recipe}: {applied.rows} rows in {seconds:.1f} s: {arguments.output_dir}")


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        train="tokens of the training rows",
        parent="folder of the parent model",
        output_dir="folder of the model to write",
    )
    add_runtime(command)
    run(main, Params, command)
