"""The part of the configuration that each rule's result depends on, as one canonical JSON string.

Snakemake compares params as a set of values without their names, so each rule gets a single string; a key that is not
in it cannot make the rule stale.
"""

import json
from pathlib import Path
from typing import Any

from multipress.compression import recipes
from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.core.files import sha256
from multipress.data.settings.rows import RowFormat
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.reporting.contents import headings, pages
from multipress.workflow.configuration import Config

REFERENCE = Path(__file__).parents[1] / "analysis" / "reference"
"""The paper's numbers, which the analysis reads beside the results."""


def canonical(values: dict[str, Any]) -> str:
    """JSON with sorted keys: reordering the configuration changes nothing."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def download_data(config: Config, task: str, split: str) -> dict[str, Any]:
    """Repository, commit and split of a task on the hub."""
    return {"task": task, "splits": [split], **config.data.hub.model_dump()}


def generate_data(config: Config, task: str, split: str) -> dict[str, Any]:
    """Rows of a synthetic split, and of those that it must not repeat: all dev sets for the training rows."""
    settings, spec = config.stage("data", task).synthetic, config.task(task)
    before = [*spec.dev_splits, "train"]
    splits = before[: before.index(split) + 1]
    return {
        "task": task,
        "split": split,
        "rows": {name: settings.train_rows if name == "train" else settings.dev_rows for name in splits},
        "seed": settings.seed,
        **spec.model_dump(include={"text_columns", "label_column"}),
    }


def generate_corpus(config: Config) -> dict[str, Any]:
    """Length and seed of the synthetic text."""
    return {"lines": config.pretrain.synthetic_lines, "seed": config.data.synthetic.seed}


def prepare_train(config: Config, task: str) -> dict[str, Any]:
    """The form of a task's rows, and how many of the training rows are kept."""
    return _preparation(config, task, config.stage("data", task).max_train_rows)


def prepare_dev(config: Config, task: str, split: str) -> dict[str, Any]:
    """The same of a dev set."""
    return _preparation(config, task, config.stage("data", task).max_dev_rows) | {"split": split}


def _preparation(config: Config, task: str, limit: int | None) -> dict[str, Any]:
    """The seed of a sample is left out where all rows are kept."""
    rows = config.task(task).model_dump(include=set(RowFormat.model_fields))
    seed = {} if limit is None else {"sample_seed": config.stage("data", task).sample_seed}
    return {"name": task, "rows": rows, "source": config.source(task), "limit": limit, **seed}


def download_tokenizer(config: Config) -> dict[str, Any]:
    """Repository and commit of the vocabulary."""
    return config.tokenizer.model_dump(include={"repository", "revision", "lowercase"})


def import_tokenizer(config: Config) -> dict[str, Any]:
    """What a vocabulary file does not say."""
    return config.tokenizer.model_dump(include={"lowercase"})


def train_tokenizer(config: Config) -> dict[str, Any]:
    """What the text does not say."""
    return config.tokenizer.model_dump(include={"vocabulary", "lowercase"})


def tokenize(config: Config, task: str) -> dict[str, Any]:
    """How a task's rows become token ids."""
    settings = config.stage("tokenize", task)
    return {"max_length": settings.max_length, "pair": len(config.task(task).text_columns) == 2}


def augment(config: Config, task: str) -> dict[str, Any]:
    """Augmentation of a task; without copies nothing else matters."""
    settings = config.stage("augment", task)
    return {"settings": settings.model_dump() if settings.copies else {"copies": 0}}


def download_encoder(config: Config, arch: str) -> dict[str, Any]:
    """Repository and commit of an encoder, and the shape it must have."""
    return {**config.encoder.hub[arch].model_dump(), "architecture": import_encoder(config, arch)}


def import_encoder(config: Config, arch: str) -> dict[str, Any]:
    """The shape that the encoder must have."""
    return config.all_architectures[arch].model_dump()


def pretrain(config: Config, arch: str) -> dict[str, Any]:
    """Pre-training of an architecture."""
    settings = config.pretrain.model_dump(exclude={"corpus", "synthetic_lines"})
    shape = import_encoder(config, arch)
    return {"arch": arch, "settings": settings, "architecture": shape}


def finetune(config: Config, task: str, arch: str, seed: int) -> dict[str, Any]:
    """The model's identity, its shape, the stage's settings."""
    training = config.stage("finetune", task, arch).model_dump()
    return {**_model(task, arch, seed, "ft"), "architecture": import_encoder(config, arch), "training": training}


def distill(config: Config, task: str, arch: str, seed: int) -> dict[str, Any]:
    """The same, the distillation loss among the settings."""
    training = config.stage("distill", task, arch).model_dump(exclude=_without_effect(config, task))
    return {**_model(task, arch, seed, "kd"), "architecture": import_encoder(config, arch), "training": training}


def prune(config: Config, task: str, arch: str, seed: int, parent: str, percent: str) -> dict[str, Any]:
    """The model's identity, the stage's settings, the distillation loss for kd's kin; its shape is the parent's."""
    return _compress(config, "prune", _model(task, arch, seed, f"{parent}-mp{percent}"))


def quantize(config: Config, task: str, arch: str, seed: int, parent: str, bits: str) -> dict[str, Any]:
    """The same."""
    return _compress(config, "quantize", _model(task, arch, seed, f"{parent}-int{bits}"))


def calibrate(config: Config, task: str, arch: str, seed: int, parent: str, bits: str) -> dict[str, Any]:
    """The model's identity and the stage's settings: the loss has no say."""
    settings = config.stage("calibrate", task, arch).model_dump()
    return {**_model(task, arch, seed, f"{parent}-ptq{bits}"), "settings": settings}


def _model(task: str, arch: str, seed: int, recipe: str) -> dict[str, Any]:
    return {"task": task, "arch": arch, "seed": seed, "recipe": recipe}


def _compress(config: Config, stage: str, model: dict[str, Any]) -> dict[str, Any]:
    task, arch = model["task"], model["arch"]
    kept = set(DistillationSettings.model_fields) - _without_effect(config, task)
    distillation = config.stage("distill", task, arch).model_dump(include=kept)
    return {
        **model,
        "training": config.stage(stage, task, arch).model_dump(),
        "distillation": distillation if recipes.is_distilled(model["recipe"]) else None,
    }


def _without_effect(config: Config, task: str) -> set[str]:
    """Settings of the distillation loss that do nothing for a task: there is no temperature in regression."""
    return {"temperature"} if config.task(task).kind == "regression" else set()


def label_with_teacher(config: Config) -> dict[str, Any]:
    """Batches of the evaluator serve the teacher, too."""
    return {"batch_size": config.evaluate.batch_size}


def evaluate(config: Config, task: str, arch: str, seed: int) -> dict[str, Any]:
    """The models of one job, how they are evaluated, and what the table says of their task."""
    return {
        "task": task,
        "data": config.source(task),
        "metric": config.task(task).metric,
        "arch": arch,
        "seed": seed,
        "recipes": sorted(config.recipes_of(arch)),
        "architecture": config.all_architectures[arch].model_dump(),
        "batch_size": config.evaluate.batch_size,
    }


def export(config: Config, task: str, arch: str) -> dict[str, Any]:
    """The models of one job, and the form of the task's rows."""
    return {"recipes": sorted(config.recipes_of(arch)), **tokenize(config, task)}


def pack(config: Config, task: str, arch: str) -> dict[str, Any]:
    """The same."""
    return export(config, task, arch)


def run_exported(config: Config, arch: str) -> dict[str, Any]:
    """The models of one job, and batches as the evaluator's."""
    return {"recipes": sorted(config.recipes_of(arch)), "batch_size": config.evaluate.batch_size}


def tabulate(config: Config) -> dict[str, Any]:
    """Nothing: the metrics files say it all."""
    return {}


def analyze(config: Config) -> dict[str, Any]:
    """How the results are analyzed, and which of them are the designed experiment."""
    return {
        **config.analyze.model_dump(),
        "baselines": sorted(config.study.baselines),
        "architectures": sorted(config.study.architectures),
        "synthetic": _is_synthetic(config),
        "published": _reference(),
    }


def plot(config: Config) -> dict[str, Any]:
    """Looks of the figures, and what is not in them: they show the designed experiment."""
    shown = {"published": _reference()} if config.plot.paper_points else {}
    return plot_latency(config) | shown


def plot_analysis(config: Config) -> dict[str, Any]:
    """Looks of the figures, whether results are made up, and the paper's numbers."""
    return {
        "settings": _figure_settings(config),
        "confidence": config.analyze.confidence,
        "synthetic": _is_synthetic(config),
        "published": _reference(),
    }


def plot_training(config: Config) -> dict[str, Any]:
    """Looks of the figures, and the order of the architectures."""
    shapes = config.all_architectures
    size = {arch: (shapes[arch].hidden, shapes[arch].layers, arch) for arch in config.study.architectures}
    archs = sorted(size, key=lambda arch: size[arch], reverse=True)
    return {"settings": _figure_settings(config), "architectures": archs, "synthetic": _is_synthetic(config)}


def summarize_run(config: Config) -> dict[str, Any]:
    """Nothing: the tables say it all."""
    return {}


def _is_synthetic(config: Config) -> bool:
    """Whether any task is made up."""
    return any(config.source(task) == "synthetic" for task in config.study.tasks)


def _figure_settings(config: Config) -> dict[str, Any]:
    return config.plot.model_dump(include={"dots_per_inch"})


def _reference() -> str:
    """A digest of the paper's numbers."""
    return "".join(sha256(REFERENCE / name)[:16] for name in ("table1.csv", "figure1.csv"))


def render_tables(config: Config) -> dict[str, Any]:
    """The pages of tables."""
    return {"pages": headings(pages(bool(config.latency.tasks))), "synthetic": _is_synthetic(config)}


def measure_latency(config: Config, task: str, arch: str, seed: int) -> dict[str, Any]:
    """The models of one job, and how they are measured."""
    return {
        "task": task,
        "arch": arch,
        "seed": seed,
        "recipes": sorted(config.recipes_of(arch)),
        "settings": config.latency.model_dump(include=set(MeasuringSettings.model_fields)),
    }


def tabulate_latency(config: Config) -> dict[str, Any]:
    """Nothing: the latencies say it all."""
    return {}


def plot_latency(config: Config) -> dict[str, Any]:
    """Looks of the figure, and what is not in it."""
    return {"settings": _figure_settings(config), "baselines": sorted(config.study.baselines)}


def runtime_options(config: Config) -> list[str]:
    """Command-line options of jobs that compute logits; does not affect results."""
    return ["--device", config.runtime.device]


def training_options(config: Config) -> list[str]:
    """Command-line options of training jobs; does not affect results."""
    runtime = config.runtime
    options = [*runtime_options(config), "--precision", runtime.precision, "--save-seconds", str(runtime.save_seconds)]
    options += ["--scratch", f"{config.results}/scratch"]
    return options if runtime.deterministic else [*options, "--nondeterministic"]
