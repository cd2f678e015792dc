"""What a row takes that leaves an exported model early, beside a model without exits.

python -m benchmarks.early_exit --shape 6 384 12 1536
python -m benchmarks.early_exit --models results/models/sst2/six/seed1 --tokens results/tokens/sst2/dev.arrow

With --shape: random weights in onnxruntime, one row of --length tokens, and exits that let every row leave after the
first layer, after the second … With --models: a trained model and its parent on the rows of a file, padded to --length
tokens (0: as long as they are), at its own threshold and at one that lets no row leave; of all batches the mean and the
99th percentile. Models take turns, and what is counted is time of the CPU, which is what one
thread takes on a machine that does nothing else.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from torch.nn import functional

from benchmarks.workload import VOCABULARY
from multipress.compression import recipes
from multipress.compression.early_exit.apply import add_exits
from multipress.compression.rebuild import load_model
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens
from multipress.data.tokens import Tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.evaluation.latency.batches import random_batch
from multipress.model.bert import BertClassifier
from multipress.model.build import bert_config
from multipress.model.exits import NEVER, ExitRule
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Rows
from multipress.training.inference import compute_answers

Call = Callable[[dict[str, torch.Tensor | None]], torch.Tensor]
TEXT = TextFormat(tokenizer="", max_length=128, pair=False)


def in_runtime(model: BertClassifier, folder: Path, name: str, runtime: str = "onnxruntime") -> Call:
    """The exported model, or one in PyTorch."""
    if runtime == "torch":
        return torch.inference_mode()(lambda inputs: model(**inputs))
    path = folder / f"{name}.onnx"
    onnx.save(to_onnx(model, metadata(model.config, TEXT)), path)
    loaded = OnnxModel(path)
    return lambda inputs: loaded(**inputs)


def leaving_after(model: BertClassifier, layer: int) -> None:
    """Let every row leave after this layer, from 1 on."""
    exits = add_exits(model, ExitRule(kind="entropy", threshold=0.01))
    for number, each in enumerate(exits.held, start=1):
        torch.nn.init.zeros_(each.classifier.weight)
        each.classifier.bias.data.copy_(torch.tensor([50.0, 0.0] if number == layer else [0.0, 0.0]))


def in_turns(
    calls: dict[str, Call], batches: list[dict[str, torch.Tensor | None]], rounds: int
) -> dict[str, np.ndarray]:
    """Milliseconds of each call on each batch, shape (rounds, batches): the second of two in succession."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for batch in batches:
            for name, call in calls.items():
                call(batch)
                start = time.process_time()
                call(batch)
                times[name].append(1000 * (time.process_time() - start))
    return {name: np.reshape(found, (rounds, len(batches))) for name, found in times.items()}


def of_random_weights(options: argparse.Namespace) -> None:
    """A line for each layer after which rows leave."""
    shape = ArchitectureSpec(**dict(zip(("layers", "hidden", "heads", "feed_forward"), options.shape, strict=True)))
    torch.manual_seed(0)
    model = BertClassifier(bert_config(shape, VOCABULARY)).eval()
    with TemporaryDirectory() as name:
        calls = {"no exits": in_runtime(model, Path(name), "plain")}
        for layer in range(1, shape.layers + 1):
            leaving_after(model, layer)
            calls[f"after {layer}"] = in_runtime(model, Path(name), str(layer))
        times = in_turns(calls, [random_batch(VOCABULARY, 1, options.length)], options.rounds)
    plain = np.percentile(times["no exits"], 10)
    print("| rows leave | p10 ms | median ms | speed-up |\n|---|---|---|---|")
    for name, found in times.items():
        low, middle = np.percentile(found, [10, 50])
        print(f"| {name} | {low:.2f} | {middle:.2f} | {plain / low:.2f} |")


def of_rows(options: argparse.Namespace) -> None:
    """A line for the parent, for a threshold at which no row leaves, and for the model's own."""
    tokens = read_tokens(options.tokens)
    chosen = tokens.take(np.random.default_rng(0).choice(len(tokens), min(options.rows, len(tokens)), replace=False))
    names = {"parent": str(recipes.parent(options.recipe)), "never": options.recipe, "chosen": options.recipe}
    models = {name: load_model(options.models / recipe) for name, recipe in names.items()}
    answers = compute_answers(models["chosen"], chosen, 32, torch.device("cpu"))
    depths = models["chosen"].exits.rule.depths(torch.from_numpy(answers)).numpy()
    rule = models["never"].exits.rule
    never = NEVER if rule.kind == "entropy" else float(len(answers))
    models["never"].exits.rule = rule.model_copy(update={"threshold": never})
    starts = range(0, len(chosen), options.batch_size)
    rows = [np.arange(start, min(start + options.batch_size, len(chosen))) for start in starts]
    batches = [_padded(chosen, part, options.length) for part in rows]
    with TemporaryDirectory() as folder:
        calls = {name: in_runtime(model, Path(folder), name, options.runtime) for name, model in models.items()}
        times = in_turns(calls, batches, options.rounds)
    print(f"{options.recipe}: {len(chosen)} rows leave after {depths.mean():.2f} of {len(answers)} layers on average")
    print(f"{options.runtime}, batches of {options.batch_size}, milliseconds of a batch")
    print("| rows leave | mean ms | p99 ms | speed-up of the mean |\n|---|---|---|---|")
    least = {name: found.min(axis=0) for name, found in times.items()}  # of a row's rounds: what disturbs only adds
    for name, found in least.items():
        faster = least["parent"].mean() / found.mean()
        print(f"| {name} | {found.mean():.2f} | {np.percentile(found, 99):.2f} | {faster:.2f} |")


def _padded(tokens: Tokens, rows: np.ndarray, length: int) -> dict[str, torch.Tensor | None]:
    """A batch of rows, at least of this length: the padding is computed like all else, and has no say."""
    batch = Rows(tokens, torch.device("cpu")).batch(rows).inputs
    ids, mask = batch["input_ids"], batch["attention_mask"]
    assert ids is not None
    mask = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
    added = (0, max(0, length - ids.shape[1]))
    return {"input_ids": functional.pad(ids, added), "attention_mask": functional.pad(mask, added)}


def main() -> None:
    """Print one of the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shape", type=int, nargs=4, help="layers, hidden, heads, feed_forward")
    arguments.add_argument("--models", type=Path, help="folder with a folder for each recipe")
    arguments.add_argument("--recipe", default="ft-ee")
    arguments.add_argument("--tokens", type=Path, help="tokens of the rows")
    arguments.add_argument("--rows", type=int, default=200, help="of them, chosen at random")
    arguments.add_argument("--batch-size", type=int, default=1)
    arguments.add_argument("--runtime", choices=["onnxruntime", "torch"], default="onnxruntime")
    arguments.add_argument("--length", type=int, default=128)
    arguments.add_argument("--rounds", type=int, default=30)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    of_rows(options) if options.models else of_random_weights(options)


if __name__ == "__main__":
    main()
