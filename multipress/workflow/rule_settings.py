"""The part of the configuration that each rule's result depends on, as one canonical JSON string.

Snakemake compares params as a set of values without their names, so each rule gets a single string; a key that is not
in it cannot make the rule stale.
"""

import json
from pathlib import Path
from typing import Any

from multipress.core.files import sha256
from multipress.data.settings.rows import RowFormat
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.workflow.configuration import Config
from multipress.workflow.step_settings import step_settings

REFERENCE = Path(__file__).parents[1] / "analysis" / "reference"
"""The paper's numbers, which the analysis reads beside the results."""

PAGES = {
    "table1": [
        ("Times smaller within the tolerance, mean over tasks", "table1"),
        ("The same for files on disk (packed_mb)", "table1_packed"),
        ("The same for the whole classifier (deployed_mb)", "table1_deployed"),
        ("Task by task, and the model that was chosen", "table1_per_task"),
    ],
    "interaction": [
        ("Size: observed ratio over the product of the single ratios", "interaction"),
        ("Score: loss beyond the sum of the single losses, in points", "interaction_score"),
    ],
    "ranking": [
        ("Single methods by how much they shrink within a loss of score", "ranking"),
        ("Subsets by the best score within a size", "ranking_size"),
        ("Every model, and whether it is on the Pareto front", "pareto"),
    ],
    "paper": [("The paper's claims", "claims"), ("The paper's numbers", "paper_comparison")],
    "effects": [("What each step changes in the score, all else equal, in points", "effects")],
    "models": [("Means over tasks", "summary"), ("Every model", "results")],
}
"""Pages of tables for the report: headings and tables of each."""

LATENCY_PAGE = {"latency": [("Every model, runtime, batch size and length", "latency")]}


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


def derive_encoder(config: Config, arch: str) -> dict[str, Any]:
    """Which layers are kept, and the shape that comes of it."""
    source = config.source_architecture(arch)
    return {"layers": source.layers if source else [], "architecture": import_encoder(config, arch)}


def pretrain(config: Config, arch: str) -> dict[str, Any]:
    """Pre-training of an architecture."""
    settings = config.pretrain.model_dump(exclude={"corpus", "synthetic_lines"})
    shape = import_encoder(config, arch)
    return {"arch": arch, "settings": settings, "architecture": shape}


def make_model(config: Config, task: str, arch: str, seed: int, recipe: str) -> dict[str, Any]:
    """Those of all rules that make a model by a step of its recipe."""
    return step_settings(config, task, arch, seed, recipe)


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
        "baselines": sorted(config.study.recipes),
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
    return {"pages": PAGES | (LATENCY_PAGE if config.latency.tasks else {}), "synthetic": _is_synthetic(config)}


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
    return {"settings": _figure_settings(config), "baselines": sorted(config.study.recipes)}


def runtime_options(config: Config) -> list[str]:
    """Command-line options of jobs that compute logits; does not affect results."""
    return ["--device", config.runtime.device]


def training_options(config: Config) -> list[str]:
    """Command-line options of training jobs; does not affect results."""
    runtime = config.runtime
    options = [*runtime_options(config), "--precision", runtime.precision, "--save-seconds", str(runtime.save_seconds)]
    options += ["--scratch", f"{config.results}/scratch"]
    return options if runtime.deterministic else [*options, "--nondeterministic"]
