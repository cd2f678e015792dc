"""The part of the configuration that each rule's result depends on, as one canonical JSON string.

Snakemake compares params as a set of values without their names, so each rule gets a single string; a key that is not
in it cannot make the rule stale. One table says which entries a rule's settings have, where their values come from, and
which key of the configuration explains a change.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from multipress.analysis.settings import AnalyzeSettings
from multipress.core.files import sha256
from multipress.data.glue import GLUE
from multipress.data.settings.rows import RowFormat
from multipress.data.settings.sources import HubData
from multipress.evaluation.latency.settings import MeasuringSettings, TurnSettings
from multipress.model.encoder_settings import HubEncoder
from multipress.model.shape import ArchitectureSpec
from multipress.reporting.contents import headings, pages
from multipress.workflow.configuration import Config
from multipress.workflow.settings_entries import (
    OMITTED,
    Entries,
    Entry,
    Wildcards,
    computed,
    key,
    keys,
    only,
    wildcard,
    without,
)
from multipress.workflow.step_settings import STEPS

REFERENCE = Path(__file__).parents[1] / "analysis" / "reference"
"""Published numbers, which the analysis reads beside the results."""


def _synthetic_rows(config: Config, wildcards: Wildcards) -> dict[str, int]:
    """Rows of a synthetic split, and of those that it must not repeat: all dev sets for the training rows."""
    settings = config.stage("data", wildcards["task"]).synthetic
    made = [*config.task(wildcards["task"]).dev_splits, "train"]
    splits = made[: made.index(wildcards["split"]) + 1]
    return {split: settings.train_rows if split == "train" else settings.dev_rows for split in splits}


def _key_of_synthetic_rows(split: str) -> str:
    return f"data.synthetic.{'train' if split == 'train' else 'dev'}_rows"


def _prepared(limit: str) -> Entries:
    """The form of a task's rows, and how many of them are kept; where all are, the seed of a sample has no effect."""

    def is_sampled(config: Config, wildcards: Wildcards) -> bool:
        return getattr(config.stage("data", wildcards["task"]), limit) is not None

    return {
        "name": wildcard("task"),
        "rows": key("custom_tasks.{task}", only(RowFormat.model_fields)),
        "limit": key(f"data.{limit}"),
        "sample_seed": key("data.sample_seed", when=is_sampled),
    }


def _needs_certain_labels(config: Config, wildcards: Wildcards) -> bool:
    """Whether rows of some labels alone give the task's metric no value, and the kind of the task does not say so."""
    return config.task(wildcards["task"]).metric in ("f1", "matthews")


def _is_synthetic(config: Config, wildcards: Wildcards) -> bool:
    return config.is_synthetic


def _by_size(config: Config, wildcards: Wildcards) -> list[str]:
    return config.by_size


def _pages(config: Config, wildcards: Wildcards) -> dict[str, list[tuple[str, str]]]:
    return headings(pages(config.parts, config.has_only_own_tasks))


def _dense_parent(config: Config, wildcards: Wildcards) -> str:
    return config.dense_parent(wildcards["recipe"])


def against_seeds(config: Config, wildcards: Wildcards) -> list[int]:
    """Seeds of the dense parents that a model is compared with: its own; of such a parent all that come before it."""
    seed, seeds = int(wildcards["seed"]), config.study.seeds
    is_dense = wildcards["recipe"] == _dense_parent(config, wildcards)
    return seeds[: seeds.index(seed)] if is_dense else [seed]


def _layers_kept(config: Config, wildcards: Wildcards) -> Any:
    """The layers that were not cut out, where any were."""
    return config.layers_kept(wildcards["recipe"], wildcards["task"], wildcards["arch"]) or OMITTED


def _kept_layers(config: Config, wildcards: Wildcards) -> list[int]:
    """The layers that a derived architecture keeps of its source's encoder."""
    source = config.source_architecture(wildcards["arch"])
    return source.layers if source else []


def _shape(config: Config, wildcards: Wildcards) -> dict[str, int]:
    return config.all_architectures[wildcards["arch"]].model_dump()


def _variants(config: Config, wildcards: Wildcards) -> Any:
    """The steps that variants vary, where there are any."""
    return config.variant_steps or OMITTED


def _key_of_metric(task: str) -> str:
    """Where the metric of a task is set."""
    return f"evaluate.metrics.{task}" if task in GLUE else f"custom_tasks.{task}.metric"


def _metrics(config: Config, wildcards: Wildcards) -> dict[str, str]:
    """The primary metric of each task of the study."""
    return {task: config.task(task).metric for task in config.study.tasks}


def _recipes(config: Config, wildcards: Wildcards) -> list[str]:
    return sorted(config.recipes_of(wildcards["arch"]))


def _reference(config: Config, wildcards: Wildcards) -> str:
    """A digest of the paper's numbers."""
    return "".join(sha256(REFERENCE / name)[:16] for name in ("table1.csv", "figure1.csv"))


def _drawn_reference(config: Config, wildcards: Wildcards) -> Any:
    return _reference(config, wildcards) if config.shows_paper else OMITTED


def _drawn_extreme(config: Config, wildcards: Wildcards) -> Any:
    """A digest of what others published, which no figure of made-up rows or of the user's own tasks shows."""
    return OMITTED if config.is_synthetic or config.has_only_own_tasks else sha256(REFERENCE / "extreme.csv")[:16]


def _survey(config: Config, wildcards: Wildcards) -> Any:
    """A digest of what a survey reports, which no table of made-up rows or of the user's own tasks shows."""
    return OMITTED if config.is_synthetic or config.has_only_own_tasks else sha256(REFERENCE / "survey.csv")[:16]


def _are_synthetic(tasks: Callable[[Config], list[str]]) -> Entry:
    """Whether any of these tasks is made by the synthetic generator."""
    return computed(
        lambda config, wildcards: any(config.source(task) == "synthetic" for task in tasks(config)), "data.source"
    )


_SOURCE = computed(lambda config, wildcards: config.source(wildcards["task"]), "data.source")
_RECIPES = computed(_recipes, "study.sparsities, study.bits, study.cross, study.recipes or study.controls")
_SYNTHETIC = computed(_is_synthetic, "data.source")
_PUBLISHED = computed(_reference, "multipress/analysis/reference/")
_BASELINES = computed(lambda config, wildcards: sorted(config.recipes_beside), "study.recipes or study.controls")
_FIGURES = key("plot", only(["dots_per_inch"]))
_EVALUATED_ROWS = key("evaluate.batch_size")
_SHAPE = key("custom_architectures.{arch}")
_RUN: Entries = {"task": wildcard("task"), "arch": wildcard("arch"), "seed": wildcard("seed", int)}
_TOKENS: Entries = {
    "max_length": key("tokenize.max_length"),
    "pair": key("custom_tasks.{task}.text_columns", lambda columns: len(columns) == 2),
}

_SHAPE_ALONE = computed(_shape, "custom_architectures.{arch}")
_PROBED: Entries = {"batch_size": _EVALUATED_ROWS, "max_length": key("tokenize.max_length")}

SETTINGS: dict[str, Entries] = {
    "download_data": {
        "task": wildcard("task"),
        "splits": wildcard("split", lambda split: [split]),
        **keys("data.hub", HubData.model_fields),
    },
    "generate_data": {
        "task": wildcard("task"),
        "split": wildcard("split"),
        "rows": computed(_synthetic_rows, _key_of_synthetic_rows),
        "seed": key("data.synthetic.seed"),
        **keys("custom_tasks.{task}", ["text_columns", "label_column"]),
    },
    "generate_corpus": {"lines": key("pretrain.synthetic_lines"), "seed": key("data.synthetic.seed")},
    "prepare_train": _prepared("max_train_rows"),
    "prepare_dev": {
        **_prepared("max_dev_rows"),
        "split": wildcard("split"),
        "metric": key("custom_tasks.{task}.metric", when=_needs_certain_labels),
    },
    "download_tokenizer": keys("tokenizer", ["repository", "revision", "lowercase"]),
    "import_tokenizer": keys("tokenizer", ["lowercase"]),
    "train_tokenizer": keys("tokenizer", ["vocabulary", "lowercase"]),
    "tokenize": _TOKENS,
    # Without copies nothing else matters.
    "augment": {"settings": key("augment", lambda section: section.model_dump() if section.copies else {"copies": 0})},
    "download_encoder": {**keys("encoder.hub.{arch}", HubEncoder.model_fields), "architecture": _SHAPE},
    "import_encoder": keys("custom_architectures.{arch}", ArchitectureSpec.model_fields),
    "pretrain": {
        "arch": wildcard("arch"),
        "settings": key("pretrain", without("corpus", "synthetic_lines")),
        "architecture": _SHAPE,
    },
    "derive_encoder": {"layers": computed(_kept_layers, "custom_architectures.{arch}.layers"), "architecture": _SHAPE},
    **STEPS,
    "label_with_teacher": {"batch_size": _EVALUATED_ROWS},
    "evaluate": {
        **_RUN,
        "data": _SOURCE,
        "metric": key("custom_tasks.{task}.metric"),
        "recipes": _RECIPES,
        "batch_size": _EVALUATED_ROWS,
    },
    "export": {"recipes": _RECIPES, **_TOKENS},
    "pack": {"recipes": _RECIPES, **_TOKENS},
    "run_exported": {"recipes": _RECIPES, "batch_size": _EVALUATED_ROWS},
    "measure_latency": {**_RUN, "recipes": _RECIPES, "settings": key("latency", only(MeasuringSettings.model_fields))},
    "measure_layers": {
        "arch": wildcard("arch"),
        "architecture": _SHAPE_ALONE,
        "batch": key("latency.layers"),
        "settings": key("latency", only(TurnSettings.model_fields)),
    },
    "represent": {
        **_RUN,
        "recipe": wildcard("recipe"),
        "dense": computed(_dense_parent, "dissection.recipes"),
        "against_seeds": computed(against_seeds, "study.seeds"),
        "layers": computed(_layers_kept, "reduce_layers.kept"),
        **keys("dissection", ["rows", "tokens"]),
        "batch_size": _EVALUATED_ROWS,
    },
    "dissect": {},
    "tabulate": {"variants": computed(_variants, "variants")},
    "tabulate_latency": {},
    "score_floors": {"models": key("study.floors", sorted), "metrics": computed(_metrics, _key_of_metric)},
    "probe_data": {
        "probes": computed(lambda config, wildcards: config.probing.names, "probing.probes"),
        "examples": key("probing.examples"),
    },
    "probe": {**_RUN, "recipe": wildcard("recipe"), **_PROBED},
    "probe_untrained": {"task": wildcard("task"), "arch": wildcard("arch"), "architecture": _SHAPE_ALONE, **_PROBED},
    "tabulate_probes": {"variants": computed(_variants, "variants")},
    "plot_probes": {"settings": _FIGURES, "synthetic": _are_synthetic(lambda config: config.probed_tasks)},
    "find_lost_rows": {
        "recipes": computed(lambda config, wildcards: config.probed_recipes, "probing.recipes"),
        "confidence": key("analyze.confidence"),
    },
    "summarize_run": {},
    "analyze": {
        **keys("analyze", AnalyzeSettings.model_fields),
        "baselines": _BASELINES,
        "architectures": key("study.architectures", sorted),
        "synthetic": _SYNTHETIC,
        "published": _PUBLISHED,
    },
    "compare_predictions": {
        **keys("analyze", ["draws", "seed", "confidence"]),
        "metrics": computed(_metrics, _key_of_metric),
        "variants": computed(_variants, "variants"),
    },
    "compare_families": {
        **keys("analyze", ["draws", "seed", "confidence"]),
        "variants": computed(_variants, "variants"),
        "survey": computed(_survey, "multipress/analysis/reference/"),
        "settings": _FIGURES,
        "synthetic": _SYNTHETIC,
    },
    # Figures of the designed experiment, without the baselines; file_size and compute are of all models.
    "plot": {
        "settings": _FIGURES,
        "baselines": _BASELINES,
        "published": computed(_drawn_reference, "plot.paper_points"),
        "extreme": computed(_drawn_extreme, "multipress/analysis/reference/"),
        "variants": computed(_variants, "variants"),
    },
    "plot_latency": {"settings": _FIGURES, "baselines": _BASELINES},
    "plot_training": {
        "settings": _FIGURES,
        "architectures": computed(_by_size, "study.architectures"),
        "synthetic": _SYNTHETIC,
    },
    "plot_analysis": {
        "settings": _FIGURES,
        "confidence": key("analyze.confidence"),
        "synthetic": _SYNTHETIC,
        "published": _PUBLISHED,
    },
    "plot_dissection": {
        "settings": _FIGURES,
        "synthetic": _are_synthetic(lambda config: config.represented_tasks),
    },
    "plot_changes": {"settings": _FIGURES, "synthetic": _SYNTHETIC, "variants": computed(_variants, "variants")},
    "render_tables": {"pages": computed(_pages, "pages"), "synthetic": _SYNTHETIC},
}
"""The entries of each rule's settings: the fields of its script's ``Params``."""


def settings_json(rule: str, config: Config, wildcards: Wildcards) -> str:
    """The settings of a job, with sorted keys: reordering the configuration changes nothing."""
    values = {name: entry.value(config, wildcards) for name, entry in SETTINGS[rule].items()}
    kept = {name: value for name, value in values.items() if value is not OMITTED}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def key_of(rule: str, part: str, wildcards: Wildcards) -> str:
    """The configuration's key for a dotted part of a rule's settings; the part itself if it is unknown."""
    name, _, below = part.partition(".")
    entry: Entry | None = SETTINGS.get(rule, {}).get(name)
    found = part if entry is None else entry.key_of(below).format(**wildcards)
    of_metric = found.split(".")
    return _key_of_metric(of_metric[1]) if of_metric[::2] == ["custom_tasks", "metric"] else found


def runtime_options(config: Config) -> list[str]:
    """Command-line options of jobs that compute logits; does not affect results."""
    return ["--device", config.runtime.device]


def measuring_options(config: Config) -> list[str]:
    """Command-line options of jobs that measure latency; does not affect what is measured."""
    return [*runtime_options(config), "--scratch", f"{config.results}/scratch"]


def training_options(config: Config) -> list[str]:
    """Command-line options of training jobs; does not affect results."""
    runtime = config.runtime
    options = [*measuring_options(config), "--precision", config.precision]
    options += ["--save-seconds", str(runtime.save_seconds)]
    return options if runtime.deterministic else [*options, "--nondeterministic"]
