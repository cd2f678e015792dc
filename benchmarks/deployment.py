"""How small, exact and fast deployed models are: the tables of docs/explanation/deployment.md.

python -m benchmarks.deployment --arch tiny mini base --tokens results/tokens/sst2/dev.arrow
python -m benchmarks.deployment --arch 6x384x12x1536 --recipes ft ft-f50 ft-h50-f75 ft-l3-f50-ptq8 --batch-sizes 1

Models with random weights, cut, pruned by magnitude and quantized after training: their files and speeds are those of
any weights. How exact trained ones are stands in a run's results.csv.
"""

import argparse
import copy
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch

from benchmarks.workload import VOCABULARY, add_workload, new_model, read_workload
from multipress.compression import recipes
from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.prune.masks import magnitude_masks
from multipress.compression.quantize.scheme import QuantizationScheme, scheme_of
from multipress.compression.rebuild import load_model
from multipress.compression.steps_file import ModelSteps, StepRecord
from multipress.data.text_format import TextFormat
from multipress.data.tokens import Tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.packed_file import unpack
from multipress.deployment.packed_models import load_packed, pack_checkpoint
from multipress.deployment.stored_tensors import StoredTensor
from multipress.evaluation.latency.measure import LatencyJob, measure_all
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.evaluation.parity import logits_gaps
from multipress.evaluation.stored_size import deployed_mb, entropy_mb
from multipress.model import checkpoints
from multipress.model.bert import BertClassifier, Encoder
from multipress.model.kept_parts import kept_count
from multipress.model.layer_parts import keep_heads, neurons_of
from multipress.training.batches import Rows
from multipress.training.inference import compute_logits
from multipress.training.zeros import prunable_weights

RECIPES = ["ft", "ft-mp60", "ft-ptq8", "ft-mp60-ptq8", "ft-ptq16", "ft-ter", "ft-bin"]
MADE = ("finetune", "prune", "calibrate", "ternarize", "binarize", "reduce_layers", "prune_heads", "prune_neurons")
"""Methods that are made here without a training."""
ROWS = 128
"""Of which logits are compared."""

CPU = torch.device("cpu")
TEXT = TextFormat(tokenizer="", max_length=128, pair=False)


def make(folder: Path, dense: BertClassifier, tokens: Tokens, chosen_recipes: list[str]) -> None:
    """Write a checkpoint and an ONNX model of each recipe."""
    for name in checkpoints.TOKENIZER_FILES:
        (folder / name).touch()
    for recipe in chosen_recipes:
        model, chosen = copy.deepcopy(dense), None
        cut = _cut(model, recipe)
        _prune(model, recipes.sparsity(recipe))
        if recipes.bits(recipe) < 32:
            chosen = scheme_of(CalibrateSettings(), recipes.bits(recipe))
            calibrate(model, chosen, [Rows(tokens, CPU).batch(np.arange(start, start + 32)) for start in (0, 32)])
        checkpoints.save(model, folder / recipe, folder, {}, _steps(recipe, chosen, cut).model_dump())
        onnx.save(to_onnx(model, metadata(model.config, TEXT)), folder / f"{recipe}.onnx")


def _cut(model: BertClassifier, recipe: str) -> list[StepRecord]:
    """Leave the model the first of its layers, heads and neurons, in place; what steps.json says of that."""
    records = []
    for step in recipes.steps(recipe):
        encoder, structure = model.bert.encoder, None
        if step.method.name == "reduce_layers":
            model.bert.encoder = Encoder(encoder.layers[: step.argument])
            model.config.num_hidden_layers = step.argument
        elif step.method.name == "prune_heads":
            count = kept_count(model.config.num_attention_heads, step.argument, "heads")
            for layer in encoder.layers:
                keep_heads(layer, range(count))
            structure = {"heads": [list(range(count))] * len(encoder.layers)}
        elif step.method.name == "prune_neurons":
            count = kept_count(model.config.intermediate_size, step.argument, "neurons")
            for layer in encoder.layers:
                neurons_of(layer).keep(range(count))
            model.config.intermediate_size = count
        else:
            continue
        records.append(StepRecord(name=step.name, method=step.method.name, structure=structure))
    return records


def _steps(recipe: str, scheme: QuantizationScheme | None, cut: list[StepRecord]) -> ModelSteps:
    """What steps.json says of such a model: as much as sizes and layers depend on."""
    return ModelSteps(
        steps=[
            *cut,
            StepRecord(
                name=recipe,
                method="calibrate" if scheme else "finetune",
                sparsity=recipes.sparsity(recipe),
                bits=recipes.bits(recipe),
                structure=scheme.model_dump() if scheme else None,
            ),
        ]
    )


def _prune(model: BertClassifier, sparsity: float) -> None:
    weights = prunable_weights(model)
    for name, mask in magnitude_masks(weights, sparsity, "layer").items():
        weights[name].data.mul_(mask)


def sizes_and_parity(folder: Path, arch: str, recipe: str, tokens: Tokens) -> list[Any]:
    """A line: megabytes by each definition, ratios to the bounds, seconds to pack and load, the gap between logits."""
    packed = folder / f"{recipe}.safetensors"
    started = time.perf_counter()
    pack_checkpoint(folder / recipe, TEXT, packed)
    load_packed(packed)
    seconds = time.perf_counter() - started
    tensors, size = unpack(packed).tensors, _megabytes(packed)
    rows = Tokens(tokens.ids, tokens.offsets[: ROWS + 1], *(field[:ROWS] for field in _columns(tokens)))
    exported = OnnxModel(folder / f"{recipe}.onnx").logits(rows, 32)
    gap = logits_gaps(compute_logits(load_model(folder / recipe), rows, 32, CPU), exported)["logits_gap"]
    return [
        f"{arch} {recipe}",
        _megabytes(folder / recipe / "model.safetensors"),
        _megabytes(folder / f"{recipe}.onnx"),
        deployed_mb(tensors, recipes.sparsity(recipe)),
        size,
        size / entropy_mb(tensors),
        size / (sum(map(masked_bytes, tensors)) / 1e6),
        seconds,
        100 * (gap or 0),
    ]


def _columns(tokens: Tokens) -> tuple[np.ndarray, ...]:
    return tokens.first_lengths, tokens.labels, tokens.idx


def masked_bytes(tensor: StoredTensor) -> float:
    """All entries, or a bit for each and those that are not zero, whatever is less."""
    everything = tensor.values.size * tensor.bits / 8
    return min(everything, tensor.values.size / 8 + np.count_nonzero(tensor.values) * tensor.bits / 8)


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def latencies(folder: Path, arch: str, chosen: list[str], seconds: float, batch_sizes: list[int]) -> list[list[Any]]:
    """A line for each measurement: rows of 128 tokens, one thread; recipes that share one are not repeated."""
    settings = MeasuringSettings(seconds=seconds, batch_sizes=batch_sizes, task_lengths=False)
    rows = measure_all(LatencyJob(Models(chosen, folder, folder), None, VOCABULARY, settings), with_gpu=False)
    columns = ("runtime", "batch", "n", "p10_ms", "median_ms", "speedup")
    measured = [row for row in rows if row["recipe"] == row["measured_recipe"]]
    return [[f"{arch} {row['recipe']}", *(row[column] for column in columns)] for row in measured]


def show(columns: str, lines: list[list[Any]]) -> None:
    """Print a Markdown table; numbers with three significant digits."""
    names = columns.split(", ")
    print("| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
    for line in lines:
        print("| " + " | ".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in line) + " |")
    print(flush=True)


def main() -> None:
    """Print both tables for each architecture."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny", "mini", "base"])
    arguments.add_argument("--seconds", type=float, default=10, help="of each point of latency")
    arguments.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    arguments.add_argument("--recipes", nargs="+", default=RECIPES, help="ft among them, for the others' speed-up")
    options = arguments.parse_args()
    steps = [step for recipe in options.recipes for step in recipes.steps(recipe)]
    unknown = [step.name for step in steps if step.method.name not in MADE]
    if unknown:
        arguments.error(f"{unknown[0]} wants a training, and models have random weights here: leave it out")
    torch.set_num_threads(options.threads)
    tokens = read_workload(options.tokens)
    for arch in options.arch:
        with TemporaryDirectory() as name:
            make(Path(name), new_model(arch), tokens, options.recipes)
            lines = [sizes_and_parity(Path(name), arch, recipe, tokens) for recipe in options.recipes]
            show("model, checkpoint MB, ONNX MB, deployed_mb, packed_mb, × entropy, × mask, s, gap %", lines)
            show(
                "model, runtime, batch, n, p10 ms, median ms, speed-up",
                latencies(Path(name), arch, options.recipes, options.seconds, options.batch_sizes),
            )


if __name__ == "__main__":
    main()
