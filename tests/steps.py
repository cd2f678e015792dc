"""Makes miniature models by the steps of a recipe, with the scripts' own functions in this process."""

import itertools
import os
import signal
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from multipress.compression import recipes
from multipress.compression.layer_times import COLUMNS
from multipress.compression.method import Group, Method
from multipress.core.files import write_json
from multipress.data import tokenization
from multipress.data.token_files import write_tokens
from multipress.training.history import History
from multipress.training.micro_batches import Losses
from multipress.training.teacher_logits import write_logits
from workflow_scripts import convert_step, train_step
from workflow_scripts._steps import Params

LAYERS, HIDDEN = 3, 16
SHAPE = {"layers": LAYERS, "hidden": HIDDEN, "heads": 2, "feed_forward": 32}
WORDS = [*tokenization.SPECIAL_TOKENS, *(f"w{number}" for number in range(55))]
ROWS = 96


def step_of(method: Method) -> str:
    """A step of a method, with an argument that suits these models."""
    return method.prefix + (str(method.argument.example) if method.argument else "")


def recipe_of(method: Method) -> str:
    """The shortest recipe that ends with a step of a method."""
    return step_of(method) if method.group == Group.START else f"ft-{step_of(method)}"


def sigterm_at(step: int) -> Callable[..., None]:
    """A ``History.add`` that also sends this process SIGTERM, in the given step of a training."""
    add, calls = History.add, itertools.count(1)

    def added(self: History, losses: Losses, rate: float, examples: int) -> None:
        add(self, losses, rate, examples)
        if next(calls) == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return added


class Study:
    """The inputs of jobs that make models, and a folder for what they write."""

    def __init__(self, folder: Path, changes: Mapping[str, dict[str, Any]] | None = None, device: str = "cpu") -> None:
        """Write tokens, the task, a tokenizer and logits of a teacher; ``changes`` are settings of methods by name."""
        self.folder, self.changes, self.device = folder, changes or {}, device
        self.encoder: Path | None = None
        """model.safetensors of what first steps start with; None: random weights."""
        self.tokenizer = folder / "tokenizer"
        self.tokenizer.mkdir(parents=True)
        tokenization.save(tokenization.build(WORDS, lowercase=True), self.tokenizer, lowercase=True)
        write_json(folder / "task.json", {"kind": "classification", "labels": ["no", "yes"]})
        for name, seed in (("train", 0), ("augmented", 1), ("monitor", 2)):
            _write_rows(folder / f"{name}.arrow", seed, copy=int(name == "augmented"))
        write_layer_times(folder / "layers.csv")
        write_logits(folder / "logits.safetensors", _random(3).normal(size=(2 * ROWS, 2)).astype(np.float32))

    def model(self, recipe: str) -> Path:
        """The folder of a recipe's model."""
        return self.folder / "models" / recipe

    def make(self, recipe: str) -> Path:
        """Make the model of a recipe, and those that it is made from, unless they are there."""
        parent, target = recipes.parent(recipe), self.model(recipe)
        if parent:
            self.make(parent)
        if not (target / "model.safetensors").exists():
            self.apply(recipe)
        return target

    def apply(
        self,
        recipe: str,
        output: Path | None = None,
        scratch: Path | None = None,
        reads: dict[str, str] | None = None,
        tries: int = 1,
        **changes: Any,
    ) -> Path:
        """Apply the last step of a recipe, with these changes of its settings.

        ``scratch`` is where its states are saved, at every step. ``reads`` names the files that it reads beside the
        original rows by the script's arguments; None: those of the methods in the recipe. Of several ``tries`` the best
        is kept.
        """
        *before, last = recipes.steps(recipe)
        parent, output = recipes.parent(recipe), output or self.model(recipe)
        settings = last.method.settings().model_dump() | {"batch_size": 8}
        if last.method.trains:
            settings |= {"epochs": 1.0, "learning_rate": 1e-3, "dropout": 0.1}
            settings.pop("learning_rate_factor", None)
        settings |= self.changes.get(last.method.name, {}) | changes
        inherited = {each.method.name: {} for each in before if each.method.inherited}
        params = Params(
            task="rte",
            arch="nano",
            seed=1,
            recipe=recipe,
            method=last.method.name,
            argument=last.argument,
            settings=settings,
            inherited=inherited,
            architecture=None if parent else SHAPE,
            tries=tries,
        )
        arguments = Namespace(
            train=self.folder / "train.arrow",
            parent=self.model(parent) if parent else None,
            output_dir=output,
            device=self.device,
            threads=1,
        )
        if not last.method.trains:
            convert_step.main(params, arguments)
            return output
        if reads is None:
            reads = self._read([each.method.imitates for each in (*before, last)])
        more = {
            "task_file": self.folder / "task.json",
            "tokenizer": self.tokenizer,
            "encoder": self.encoder,
            **{
                name: self.folder / reads[name] if name in reads else None
                for name in ("augmented", "counted", "teacher_logits", "feature_teacher")
            },
            "layer_times": self.folder / "layers.csv" if last.method.reads_layer_times else None,
            "monitor": self.folder / "monitor.arrow",
            "history": output / "history.csv",
            "precision": "float32",
            "nondeterministic": False,
            "scratch": scratch,
            "code": "",
            "save_seconds": 0.0,
        }
        train_step.main(params, Namespace(**vars(arguments), **more))
        return output

    def _read(self, imitated: list[str]) -> dict[str, str]:
        """The files beside the original rows that a recipe's last step reads."""
        if not any(imitated):
            return {}
        if "logits" in imitated:
            return {"augmented": "augmented.arrow", "teacher_logits": "logits.safetensors"}
        return {"augmented": "augmented.arrow", "feature_teacher": str(self.make("ft"))}


def write_layer_times(path: Path, heads: int = 2, neurons: int = 32) -> None:
    """A table of times: 1 ms a head, 1 ms for each 16 neurons, a quarter of both in the last layer, 1 ms beside."""
    rows: list[tuple[str, int, float]] = [("rest", 0, 1.0)]
    for prefix, share in (("", 1.0), ("last_", 0.25)):
        rows += [(f"{prefix}attention", count, share * count) for count in (1, heads)]
        rows += [(f"{prefix}feed_forward", count, share * count / 16) for count in (1, neurons)]
    common = {"arch": "nano", "n": 5, "batch": 1, "length": 128, "threads": 1, "cpu": "made up"}
    table = [
        common | {"precision": precision, "part": part, "count": count, "p10_ms": time, "median_ms": 2 * time}
        for precision, times in (("float32", 1.0), ("int8", 0.5))
        for part, count, milliseconds in rows
        for time in [times * milliseconds]
    ]
    pd.DataFrame(table)[list(COLUMNS)].to_csv(path, index=False)


def _random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _write_rows(path: Path, seed: int, copy: int) -> None:
    """Rows of 4 to 11 tokens whose label says whether token 7 is among them."""
    generator, rows = _random(seed), []
    for number in range(ROWS):
        body = generator.integers(8, len(WORDS), generator.integers(2, 10))
        if number % 2:
            body[generator.integers(len(body))] = 7
        rows.append(np.concatenate([[2], body, [3]]).astype(np.int32))
    numbers = pa.array(range(ROWS))
    labels = pa.array([float(number % 2) for number in range(ROWS)])
    write_tokens(path, [(row, len(row)) for row in rows], numbers, pa.array([copy] * ROWS), labels)
