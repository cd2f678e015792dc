"""The part of the configuration that each rule's result depends on, as one canonical JSON string.

Snakemake compares params as a set of values without their names, so each rule gets a single string; a key that is not
in it cannot make the rule stale.
"""

import json
from typing import Any

from multipress import recipes
from multipress.config.study import Config


def canonical(values: dict[str, Any]) -> str:
    """JSON with sorted keys: reordering the configuration changes nothing."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def download_data(config: Config, task: str, split: str) -> dict[str, Any]:
    """Repository, commit and split of a task on the hub."""
    return {"task": task, "splits": [split], **config.data.hub.model_dump()}


def prepare_data(config: Config, task: str) -> dict[str, Any]:
    """The task, and the settings of the source it comes from."""
    settings = config.stage("data", task).model_dump()
    source = config.source(task)
    used = {"synthetic": ["synthetic"], "folder": [], "hub": []}[source]
    kept = [*used, "max_train_rows", "max_dev_rows", "sample_seed"]
    spec = config.task(task).model_dump(exclude={"folder"})
    return {"name": task, "task": spec, "source": source, "settings": {key: settings[key] for key in kept}}


def download_tokenizer(config: Config) -> dict[str, Any]:
    """Repository and commit of the vocabulary."""
    return config.tokenizer.model_dump(include={"repository", "revision", "lowercase"})


def import_tokenizer(config: Config) -> dict[str, Any]:
    """What a vocabulary file does not say."""
    return config.tokenizer.model_dump(include={"lowercase"})


def train_tokenizer(config: Config) -> dict[str, Any]:
    """Vocabulary size and corpus."""
    return config.tokenizer.model_dump(include={"vocabulary", "lowercase"}) | {"corpus": _corpus(config)}


def _corpus(config: Config) -> dict[str, Any]:
    if config.pretrain.corpus == "synthetic":
        return {"source": "synthetic", "lines": config.pretrain.synthetic_lines, "seed": config.data.synthetic.seed}
    return {"source": "files"}


def tokenize(config: Config, task: str) -> dict[str, Any]:
    """How a task's rows become token ids."""
    settings = config.stage("tokenize", task)
    return {"max_length": settings.max_length, "pair": len(config.task(task).text_columns) == 2}


def augment(config: Config, task: str) -> dict[str, Any]:
    """Augmentation of a task."""
    return {"settings": config.stage("augment", task).model_dump()}


def download_encoder(config: Config, arch: str) -> dict[str, Any]:
    """Repository and commit of an encoder, and the shape it must have."""
    return {"hub": config.encoder.hub[arch].model_dump(), "architecture": import_encoder(config, arch)}


def import_encoder(config: Config, arch: str) -> dict[str, Any]:
    """The shape that the encoder must have."""
    return config.all_architectures[arch].model_dump()


def pretrain(config: Config, arch: str) -> dict[str, Any]:
    """Pre-training of an architecture."""
    settings = config.pretrain.model_dump(exclude={"corpus", "synthetic_lines"})
    shape = import_encoder(config, arch)
    return {"arch": arch, "settings": settings, "corpus": _corpus(config), "architecture": shape}


def train(config: Config, stage: str, task: str, arch: str, seed: int, recipe: str) -> dict[str, Any]:
    """A training job: the model's identity, its shape, the stage's settings, distillation for kd's kin."""
    inherits = recipes.is_distilled(recipe) and recipe != "kd"
    distillation = config.stage("distill", task, arch).model_dump(include={"temperature", "task_weight"})
    return {
        "task": task,
        "arch": arch,
        "seed": seed,
        "recipe": recipe,
        "architecture": config.all_architectures[arch].model_dump(),
        "training": config.stage(stage, task, arch).model_dump(),
        "distillation": distillation if inherits else None,
    }


def label_with_teacher(config: Config) -> dict[str, Any]:
    """Batches of the evaluator serve the teacher, too."""
    return {"batch_size": config.evaluate.batch_size}


def evaluate(config: Config, task: str, arch: str, seed: int) -> dict[str, Any]:
    """The models of one job and how they are evaluated."""
    return {
        "task": task,
        "arch": arch,
        "seed": seed,
        "recipes": config.recipes_of(arch),
        "architecture": config.all_architectures[arch].model_dump(),
        "batch_size": config.evaluate.batch_size,
    }


def tabulate(config: Config) -> dict[str, Any]:
    """Nothing: the metrics files say it all."""
    return {}


def plot(config: Config) -> dict[str, Any]:
    """Looks of the figures."""
    return {"settings": config.plot.model_dump()}


def runtime_options(config: Config) -> list[str]:
    """Command-line options of jobs that compute logits; no part of what makes a result stale."""
    return ["--device", config.runtime.device]


def training_options(config: Config) -> list[str]:
    """Command-line options of training jobs; no part of what makes a result stale."""
    runtime = config.runtime
    options = [*runtime_options(config), "--precision", runtime.precision, "--save-seconds", str(runtime.save_seconds)]
    options += ["--scratch", f"{config.results}/scratch"]
    return options if runtime.deterministic else [*options, "--nondeterministic"]
