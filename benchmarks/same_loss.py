"""Whether multipress and Hugging Face's Trainer learn the same from the same number of epochs, within seed noise.

python -m benchmarks.same_loss --train results/tokens/sst2/train.arrow --dev results/tokens/sst2/dev.arrow
"""

import argparse
import statistics
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from benchmarks.stopwatch import Stopwatch
from benchmarks.trainer_peer import run_trainer
from benchmarks.workload import BATCH, add_workload, new_model, settings
from multipress.data.token_files import read_tokens
from multipress.data.tokens import Tokens
from multipress.model.bert import BertClassifier
from multipress.training.batches import RowBatches
from multipress.training.inference import compute_logits
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective


def run_ours(arch: str, tokens: Tokens, steps: int, device: torch.device, seed: int) -> BertClassifier:
    """A model of this project's loop."""
    batches = RowBatches(tokens, BATCH, seed, device)
    model = new_model(arch, seed=seed)
    train(model, batches, task_objective("classification"), settings(steps, batches.per_epoch), TrainingContext(device))
    return model


def run_theirs(arch: str, tokens: Tokens, steps: int, device: torch.device, seed: int) -> BertClassifier:
    """A model of the Trainer, in this project's clothes."""
    trained, _ = run_trainer("b grouped", arch, tokens, steps, device, Stopwatch(device, 1), False, seed)
    model = new_model(arch)
    model.load_state_dict({name: tensor.cpu() for name, tensor in trained.state_dict().items()})
    return model


def loss_and_accuracy(model: BertClassifier, tokens: Tokens, device: torch.device) -> tuple[float, float]:
    """Mean cross-entropy and accuracy in percent."""
    logits, labels = compute_logits(model, tokens, 128, device), tokens.labels
    loss = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels).long())
    return float(loss), 100 * float(np.mean(logits.argmax(1) == labels))


def main() -> None:
    """Train with both, print means and standard deviations over seeds."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny"])
    arguments.add_argument("--train", type=Path, required=True)
    arguments.add_argument("--dev", type=Path, required=True)
    arguments.add_argument("--epochs", type=float, default=1)
    arguments.add_argument("--seeds", type=int, default=3)
    options = arguments.parse_args()
    device, tokens, dev = torch.device(options.device), read_tokens(options.train), read_tokens(options.dev)
    torch.set_num_threads(options.threads)
    steps = round(options.epochs * -(-len(tokens) // BATCH))
    print("| | training loss | dev loss | dev accuracy |\n|---|---|---|---|", flush=True)
    for arch in options.arch:
        for name, run in (("multipress", run_ours), ("Trainer", run_theirs)):
            measured = []
            for seed in range(options.seeds):
                model = run(arch, tokens, steps, device, seed)
                measured.append((loss_and_accuracy(model, tokens, device)[0], *loss_and_accuracy(model, dev, device)))
            shown = [f"{statistics.mean(v):.3f} ± {statistics.stdev(v):.3f}" for v in zip(*measured, strict=True)]
            print(f"| {arch}, {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
