"""How long the parts of an architecture's layers take in onnxruntime, by heads and by neurons.

Models with random weights serve: latency does not depend on weights. Each point is a model of embeddings, one kind of
block for each of the architecture's layers, and a classifier; less the time of a model without blocks and divided by
their number it is that of one block among others, whose weights it must fetch as in a whole model.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.layer_times import PRECISIONS, LayerShape, Part, Precision
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.core.cpus import pin, processor_name
from multipress.core.subprocesses import call_in_own_process
from multipress.data.text_format import TextFormat
from multipress.deployment.onnx_export import parts_to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.evaluation.latency.batches import random_batch
from multipress.evaluation.latency.points import Point, measure
from multipress.evaluation.latency.settings import LayerBatch, TurnSettings
from multipress.model.bert import BertClassifier
from multipress.model.build import bert_config
from multipress.model.layer_parts import keep_heads, neurons_of
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Batch

COUNTS = 8
"""Numbers of heads and of neurons that are measured; between them times are taken for straight lines."""

MOST_BLOCKS = 6
"""In a point's model: enough that caches do not hold them all."""

WORDS = 1000
"""Of the word table: a row takes as long to read from a larger one, which would only fill the memory."""

_INT8 = QuantizationScheme(weight_bits=8, weight_granularity="channel", activation_bits=8, observer_decay=0.9)
"""As a plain int8 step has it."""

TEXT = TextFormat(tokenizer="", max_length=512, pair=False)


def clock_of(settings: TurnSettings) -> Callable[[], float]:
    """Seconds that a thread had on the CPU where there is one alone, else those of the wall.

    What else the machine does makes calls wait, long ones more often than short ones: by the wall a large block would
    seem to cost more than it does, and too much of it would go.
    """
    return time.process_time if settings.threads == 1 else time.perf_counter


@dataclass(frozen=True)
class Variant:
    """A part at a count: what is measured, and the milliseconds of one block."""

    part: Part
    count: int
    blocks: int


def measure_layers(
    shape: ArchitectureSpec,
    batch: LayerBatch,
    settings: TurnSettings,
) -> list[dict[str, Any]]:
    """A row with ``layer_times.COLUMNS`` but the architecture's name for each precision, part and count.

    Raises:
        UserError: the process that measures died, or may not use as many CPUs.
    """
    return [
        row
        for precision in PRECISIONS
        for row in call_in_own_process(_measure_precision, shape, batch, settings, precision)
    ]


def _measure_precision(
    shape: ArchitectureSpec, batch: LayerBatch, settings: TurnSettings, precision: Precision
) -> list[dict[str, Any]]:
    """The rows of one precision, all in turns; pins the process that it runs in to its threads' CPUs."""
    pin(settings.threads)
    torch.set_num_threads(settings.threads)
    inputs = random_batch(WORDS, batch.batch, batch.length)
    points: dict[Variant, Point] = {}
    with TemporaryDirectory() as folder:
        file = Path(folder, "part.onnx")
        for variant, exported in _variants(shape, precision):
            onnx.save(exported, file)
            model: Callable[..., torch.Tensor] = OnnxModel(file, settings.threads)
            name, call = f"{variant.part}{variant.count}", partial(model, **inputs)
            points[variant] = Point(name, precision, batch.batch, str(batch.length), call, clock=clock_of(settings))
    measure(list(points.values()), settings)
    common = {"batch": batch.batch, "length": batch.length, "threads": settings.threads, "cpu": processor_name()}
    return [{"precision": precision} | row | common for row in rows_of(points)]


def rows_of(points: dict[Variant, Point]) -> list[dict[str, Any]]:
    """Milliseconds of one block: those of its model, less those of the rest, divided by the number of blocks."""
    rest = next(point for variant, point in points.items() if variant.part == "rest")
    rows = []
    for variant, point in points.items():
        found = {}
        for column, percent in (("p10_ms", 10), ("median_ms", 50)):
            milliseconds = point.percentile(percent)
            if variant.part != "rest":
                milliseconds = max(0.0, milliseconds - rest.percentile(percent)) / variant.blocks
            found[column] = round(milliseconds, 6)
        rows.append({"part": variant.part, "count": variant.count, **found, "n": len(point.timed)})
    return rows


def _variants(shape: ArchitectureSpec, precision: Precision) -> Iterator[tuple[Variant, onnx.ModelProto]]:
    """Each part at each count, as a graph to run; two parts share a model of that many heads and neurons."""
    blocks = min(shape.layers, MOST_BLOCKS)
    heads, neurons = counts(shape.heads, COUNTS), counts(shape.feed_forward, COUNTS)
    yield Variant("rest", 0, 0), _exported(model_of(shape, [LayerShape(1, 1, True)], precision), "rest")
    for number in range(max(len(heads), len(neurons))):
        of_heads, of_neurons = (known[min(number, len(known) - 1)] for known in (heads, neurons))
        model = model_of(shape, [LayerShape(of_heads, of_neurons, False)] * blocks, precision)
        parts: list[tuple[Part, int]] = []
        if number < len(heads):
            parts += [("attention", of_heads), ("last_attention", of_heads)]
        if number < len(neurons):
            parts += [("feed_forward", of_neurons), ("last_feed_forward", of_neurons)]
        for part, count in parts:
            yield Variant(part, count, blocks), _exported(model, part)


def counts(most: int, number: int) -> list[int]:
    """About so many whole numbers up to ``most`` at equal distances, and half of the first, or 1."""
    steps = [round(most * step / number) for step in range(1, number + 1)]
    found = {count for count in steps if count > 0}
    return sorted({max(1, min(found) // 2), *found})


def _exported(model: BertClassifier, part: Part) -> onnx.ModelProto:
    return parts_to_onnx(model, metadata(model.config, TEXT), part)


def model_of(shape: ArchitectureSpec, layers: Sequence[LayerShape], precision: Precision) -> BertClassifier:
    """A model with random weights and layers of these shapes, quantized after training where that is the precision."""
    torch.manual_seed(0)
    config = bert_config(shape.model_copy(update={"layers": len(layers)}), WORDS, dropout=0.0)
    model = BertClassifier(config)
    for layer, wanted in zip(model.bert.encoder.held, layers, strict=True):
        keep_heads(layer, range(wanted.heads))
        neurons_of(layer).keep(range(wanted.neurons))
    if precision == "int8":
        calibrate(model, _INT8, [_rows()])
    return model.eval()


def _rows() -> Batch:
    """Some rows for the ranges of activations, whose values do not matter."""
    inputs = random_batch(WORDS, 8, 16)
    ids = inputs["input_ids"]
    assert ids is not None
    return Batch(ids, None, None, torch.from_numpy(np.zeros(len(ids), np.float32)))
