"""How near predicted latencies come to measured ones (docs/explanation/performance.md).

python -m benchmarks.speed_prediction --shape 6 384 12 1536 --percents 150 200 300

Models with random weights in onnxruntime, on one thread, by the time that it had on the CPU. What their parts matter is
made up, for it changes which shapes are chosen and not how fast they are.
"""

import argparse
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch

from benchmarks.deployment import show
from multipress.compression.layer_times import PRECISIONS, LayerShape, LayerTimes, Precision, layer_times
from multipress.compression.prune_for_speed.choice import LayerParts, counts_for_speed
from multipress.core.subprocesses import call_in_own_process
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.evaluation.latency.batches import random_batch
from multipress.evaluation.latency.layers import TEXT, WORDS, clock_of, measure_layers, model_of
from multipress.evaluation.latency.points import Point, measure
from multipress.evaluation.latency.settings import LayerBatch, TurnSettings
from multipress.model.shape import ArchitectureSpec


def whole(shape: ArchitectureSpec) -> list[LayerShape]:
    """The layers of the architecture."""
    return [LayerShape(shape.heads, shape.feed_forward, place == shape.layers - 1) for place in range(shape.layers)]


def chosen(shape: ArchitectureSpec, times: LayerTimes, percent: int) -> list[LayerShape]:
    """Layers for a speed in percent of the whole model's; what their parts matter differs as much as in real ones."""
    random, before = np.random.default_rng(0), whole(shape)
    parts = [
        LayerParts(
            heads=(50 * random.gamma(0.5, size=layer.heads) * random.gamma(2)).tolist(),
            neurons=(random.gamma(0.5, size=layer.neurons) * random.gamma(2)).tolist(),
            is_last=[layer.is_last],
        )
        for layer in before
    ]
    counts = zip(*counts_for_speed(parts, times, percent / 100), strict=True)
    return [LayerShape(*each, layer.is_last) for each, layer in zip(counts, before, strict=True)]


def measured(
    shape: ArchitectureSpec,
    models: list[list[LayerShape]],
    batch: LayerBatch,
    settings: TurnSettings,
    precision: Precision,
) -> list[float]:
    """Milliseconds of each model, all in turns."""
    torch.set_num_threads(settings.threads)
    inputs = random_batch(WORDS, batch.batch, batch.length)
    points = []
    with TemporaryDirectory() as folder:
        file = Path(folder, "model.onnx")
        for number, layers in enumerate(models):
            model = model_of(shape, layers, precision)
            onnx.save(to_onnx(model, metadata(model.config, TEXT)), file)
            call = partial(OnnxModel(file, settings.threads), **inputs)
            points.append(Point(str(number), precision, batch.batch, str(batch.length), call, clock=clock_of(settings)))
    measure(points, settings)
    return [point.percentile(10) for point in points]


def main() -> None:
    """Print a line for each precision and speed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shape", type=int, nargs=4, required=True, help="layers, hidden, heads, feed_forward")
    arguments.add_argument("--percents", type=int, nargs="+", default=[150, 200, 300])
    arguments.add_argument("--length", type=int, default=128)
    arguments.add_argument("--repetitions", type=int, default=30)
    options = arguments.parse_args()
    names = ("layers", "hidden", "heads", "feed_forward")
    shape = ArchitectureSpec(**dict(zip(names, options.shape, strict=True)))
    batch = LayerBatch(length=options.length)
    settings = TurnSettings(repetitions=options.repetitions, seconds=1000)
    rows = measure_layers(shape, batch, settings)
    lines: list[list[Any]] = []
    for precision in PRECISIONS:
        times = layer_times(rows, precision)
        models = [whole(shape), *(chosen(shape, times, percent) for percent in options.percents)]
        found = call_in_own_process(measured, shape, models, batch, settings, precision)
        for percent, layers, milliseconds in zip([100, *options.percents], models, found, strict=True):
            predicted = times.model(layers)
            speeds = [times.model(models[0]) / predicted, found[0] / milliseconds]
            lines.append([precision, f"x{percent}", predicted, milliseconds, milliseconds / predicted, *speeds])
    show("precision, step, predicted ms, measured ms, ratio, predicted speed-up, measured speed-up", lines)


if __name__ == "__main__":
    main()
