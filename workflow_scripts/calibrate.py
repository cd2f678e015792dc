"""Quantize a trained model without further training: recipe step ptq<bits>."""

import argparse
import time
from itertools import islice

from multipress.compression import recipes
from multipress.compression.calibrate.apply import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.scheme import scheme_of
from multipress.core import devices
from multipress.core.files import stable_seed, write_json
from multipress.core.settings import Section
from multipress.data.tokens import read_tokens
from multipress.model import checkpoints
from multipress.training.batches import RowBatches
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_runtime


class Params(Section):
    """The configuration slice of this rule."""

    task: str
    arch: str
    seed: int
    recipe: str
    settings: CalibrateSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Draw training rows, observe the activations, and settle on the grids."""
    settings = params.settings
    seed = stable_seed(params.seed, params.task, params.arch, params.recipe)
    device = devices.prepare(arguments.device, arguments.threads, seed)
    batches = RowBatches(read_tokens(arguments.train), settings.batch_size, seed, device)
    model = checkpoints.load_float(arguments.parent).to(device)
    scheme = scheme_of(settings, recipes.bits(params.recipe))
    started = time.perf_counter()
    rows = calibrate(model, scheme, islice(batches.epoch(0), -(-settings.rows // settings.batch_size)))
    seconds = round(time.perf_counter() - started, 3)
    write_json(arguments.output_dir / checkpoints.SCHEME_FILE, scheme.model_dump())
    training = {"steps": 0, "seconds": seconds, "micro_batch": None, "calibration_rows": rows}
    checkpoints.save(model, arguments.output_dir, arguments.parent, training)
    print(f"calibrated on {rows} rows in {seconds:.1f} s: {arguments.output_dir}")


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
