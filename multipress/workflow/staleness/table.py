"""Which stages rerun when a key of the configuration changes: the one place where that is written down.

README's table is made from it (``python -m multipress.workflow.staleness.readme``), and tests hold every row to a
dry run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_TRAINED = ("finetune", "distill", "prune", "quantize")
_MODELS = ("export", "pack", "measure_latency", "evaluate")
"""What reads models, whatever their recipe."""
_SYNTHETIC_SPLITS = ("generate_data:train", "generate_data:dev")
_SPLITS = ("prepare_train", "prepare_dev")
_TOKENS = ("tokenize:train", "tokenize:augmented", "tokenize:dev")

FOLLOWS: dict[str, tuple[str, ...]] = {
    "download_data:train": ("prepare_train",),
    "download_data:dev": ("prepare_dev",),
    "generate_data:train": ("prepare_train",),
    "generate_data:dev": ("prepare_dev",),
    "generate_corpus": ("train_tokenizer", "pretrain"),
    "prepare_train": ("augment", "tokenize:train", *_TRAINED, "evaluate"),
    "prepare_dev": ("tokenize:dev",),
    "augment": ("tokenize:augmented",),
    "download_tokenizer": (*_TOKENS, *_TRAINED),
    "import_tokenizer": (*_TOKENS, *_TRAINED),
    "train_tokenizer": (*_TOKENS, "pretrain", *_TRAINED),
    "tokenize:train": ("label_with_teacher", *_TRAINED, "calibrate"),
    "tokenize:augmented": ("label_with_teacher", "distill", "prune", "quantize"),
    "tokenize:dev": ("run_exported", "measure_latency", "evaluate"),
    "download_encoder": ("finetune", "distill"),
    "import_encoder": ("finetune", "distill"),
    "pretrain": ("finetune", "distill"),
    "finetune": ("label_with_teacher", "prune", "quantize", "calibrate", *_MODELS, "plot_training"),
    "label_with_teacher": ("distill", "prune", "quantize"),
    "distill": ("prune", "quantize", "calibrate", *_MODELS, "plot_training"),
    "prune": ("quantize", "calibrate", *_MODELS, "plot_training"),
    "quantize": (*_MODELS, "plot_training"),
    "calibrate": _MODELS,
    "export": ("run_exported", "measure_latency"),
    "pack": ("evaluate",),
    "run_exported": ("evaluate",),
    "measure_latency": ("tabulate_latency",),
    "evaluate": ("tabulate",),
    "tabulate": ("plot", "tabulate_latency", "analyze", "summarize_run", "render_tables"),
    "plot": ("record",),
    "tabulate_latency": ("plot_latency", "render_tables"),
    "plot_latency": ("record",),
    "plot_training": ("record",),
    "analyze": ("plot_analysis", "summarize_run", "render_tables"),
    "plot_analysis": ("record",),
    "summarize_run": ("record",),
    "render_tables": ("record",),
    "record": (),
}
"""What reads a stage's results, in the order of the graph; ``stage:split`` is a stage's jobs for one kind of split."""


def follow(first: Iterable[str]) -> list[str]:
    """The rules that rerun when those do, they themselves included, in the order of the graph."""
    found, waiting = set(), list(first)
    while waiting:
        stage = waiting.pop()
        if stage not in found:
            found.add(stage)
            waiting += FOLLOWS[stage]
    return list(dict.fromkeys(stage.partition(":")[0] for stage in FOLLOWS if stage in found))


@dataclass(frozen=True)
class Row:
    """A key, another value for it, and what reruns first; everything that follows it reruns, too."""

    key: str
    """Its place in the configuration; ``*`` where the user chooses the name."""
    value: Any
    """Another value than that of the graph."""
    first: tuple[str, ...]
    graph: str = "synthetic"
    """In which of the tests' graphs the key is used: everything made here, from folders, or from the hub."""
    name: str = ""
    """The name that ``*`` stands for in that graph."""
    note: str = ""
    """For people: what change is meant."""
    also: dict[str, Any] = field(default_factory=dict)
    """Other keys that must change with it to make sense."""
    names_its_key: bool = True
    """Whether the key itself is named as the reason; otherwise other inputs are."""
    not_rerun: tuple[str, ...] = ()
    """Rules that would follow and do not rerun."""

    @property
    def rules(self) -> list[str]:
        """The rules that rerun, in the order of the graph."""
        return [rule for rule in follow(self.first) if rule not in self.not_rerun]

    @property
    def place(self) -> str:
        """The key with its name in the graph."""
        return self.key.replace("*", self.name)


def _section(section: str, first: tuple[str, ...], values: dict[str, Any], **more: Any) -> list[Row]:
    return [Row(f"{section}.{key}", value, first, **more) for key, value in values.items()]


_TRAINING = {
    "epochs": 2.5,
    "batch_size": 16,
    "learning_rate": 3e-5,
    "warmup_fraction": 0.2,
    "weight_decay": 0.02,
    "max_grad_norm": 2.0,
    "dropout": 0.3,
}
_NEW_FOLDER = {"names_its_key": False, "note": "another folder"}

TABLE: list[Row] = [
    Row("results", "results/synthetic/other", (*_SYNTHETIC_SPLITS, "generate_corpus"), names_its_key=False),
    Row("study.tasks", ["mnli", "weather"], ("tabulate", "plot_training"), note="one less", names_its_key=False),
    Row(
        "study.architectures", ["nano", "micro"], ("distill", "prune", "quantize"), note="one more", names_its_key=False
    ),
    Row("study.teacher", "nano", ("label_with_teacher",), names_its_key=False),
    Row("study.seeds", [1, 2], ("finetune",), note="one more", names_its_key=False, not_rerun=("measure_latency",)),
    Row(
        "study.sparsities",
        [0.6, 0.5],
        ("prune",),
        note="one more",
        names_its_key=False,
        not_rerun=("calibrate", "plot_training"),
    ),
    Row("study.bits", [8, 5], ("quantize",), note="one more", names_its_key=False),
    Row(
        "study.baselines",
        ["ft-ptq8", "kd-mp60-ptq8", "ft-int16", "ft-int4", "kd-ptq8"],
        ("calibrate", "plot", "plot_latency", "analyze"),
        note="one more",
        names_its_key=False,
    ),
    Row("custom_tasks.*.kind", "regression", (*_SPLITS, "evaluate"), name="weather", also={"metric": "pearson"}),
    Row("custom_tasks.*.text_columns", ["report", "verdict"], (*_SPLITS, *_TOKENS), name="weather"),
    Row("custom_tasks.*.label_column", "report", _SPLITS, name="weather"),
    Row("custom_tasks.*.labels", ["bad", "good"], _SPLITS, name="weather"),
    Row("custom_tasks.*.label_range", [0, 9], _SPLITS, graph="folder", name="mood"),
    Row("custom_tasks.*.folder", "weather2", _SPLITS, name="weather", **_NEW_FOLDER),
    Row("custom_tasks.*.splits", {"train": "train", "dev": "other"}, _SPLITS, name="weather", names_its_key=False),
    Row("custom_tasks.*.metric", "accuracy", ("evaluate",), name="weather"),
    *_section(
        "custom_architectures.*",
        ("pretrain", "finetune", "distill", "evaluate"),
        {"layers": 3, "hidden": 24, "heads": 1, "feed_forward": 64},
        name="micro",
    ),
    Row("data.source", "folder", _SPLITS, also={"folder": "glue"}, names_its_key=False),
    Row("data.folder", "glue2", _SPLITS, graph="folder", **_NEW_FOLDER),
    *_section("data.hub", ("download_data:train", "download_data:dev"), {"repository": "o/glue"}, graph="hub"),
    *_section("data.hub", ("download_data:train", "download_data:dev"), {"revision": "0" * 40}, graph="hub"),
    Row("data.synthetic.train_rows", 80, ("generate_data:train",)),
    Row("data.synthetic.dev_rows", 50, _SYNTHETIC_SPLITS),
    Row("data.synthetic.seed", 1, (*_SYNTHETIC_SPLITS, "generate_corpus")),
    Row("data.max_train_rows", 60, ("prepare_train",)),
    Row("data.max_dev_rows", 30, ("prepare_dev",)),
    Row("data.sample_seed", 1, _SPLITS, graph="folder", note="where rows are sampled"),
    Row(
        "tokenizer.source",
        "folder",
        ("import_tokenizer", "pretrain"),
        also={"folder": "vocabulary"},
        names_its_key=False,
    ),
    Row("tokenizer.repository", "o/bert", ("download_tokenizer",), graph="hub"),
    Row("tokenizer.revision", "0" * 40, ("download_tokenizer",), graph="hub"),
    Row("tokenizer.folder", "vocabulary2", ("import_tokenizer",), graph="folder", **_NEW_FOLDER),
    Row("tokenizer.vocabulary", 900, ("train_tokenizer",)),
    Row("tokenizer.lowercase", False, ("train_tokenizer",)),
    Row("tokenize.max_length", 40, _TOKENS),
    Row("encoder.source", "scratch", ("finetune", "distill"), names_its_key=False),
    Row("encoder.folder", "encoders2", ("import_encoder",), graph="folder", **_NEW_FOLDER),
    Row("encoder.hub.*.repository", "o/micro", ("download_encoder",), graph="hub", name="micro"),
    Row("encoder.hub.*.revision", "0" * 40, ("download_encoder",), graph="hub", name="micro"),
    Row("pretrain.corpus", ["text.txt"], ("train_tokenizer", "pretrain"), names_its_key=False),
    Row("pretrain.synthetic_lines", 500, ("generate_corpus",)),
    *_section(
        "pretrain",
        ("pretrain",),
        _TRAINING | {"max_tokens": 9_000, "sequence_length": 24, "masked_fraction": 0.2, "seed": 1},
    ),
    *_section(
        "augment", ("augment",), {"copies": 2, "lexicon": "wordnet", "fraction": 0.2, "min_words": 2, "max_words": 9}
    ),
    Row("augment.seed", 1, ("augment",)),
    *_section("finetune", ("finetune",), _TRAINING),
    *_section("distill", ("distill",), _TRAINING | {"temperature": 3.0, "task_weight": 0.4}),
    *_section(
        "prune",
        ("prune",),
        _TRAINING | {"scope": "global", "ramp_start": 0.2, "ramp_end": 0.8, "update_every": 5},
    ),
    *_section(
        "quantize",
        ("quantize",),
        _TRAINING | {"activation_bits": 16, "observer_decay": 0.99, "weight_granularity": "channel"},
    ),
    *_section(
        "calibrate",
        ("calibrate",),
        {
            "rows": 64,
            "batch_size": 16,
            "activation_bits": 16,
            "weight_granularity": "channel",
        },
    ),
    Row("evaluate.batch_size", 32, ("label_with_teacher", "run_exported", "evaluate")),
    Row("latency.tasks", ["mnli", "weather", "stsb"], ("measure_latency",), note="one more", names_its_key=False),
    Row("latency.seeds", [1], ("tabulate_latency",), graph="hub", note="one less", names_its_key=False),
    *_section(
        "latency",
        ("measure_latency",),
        {
            "batch_sizes": [1, 4],
            "lengths": [16],
            "task_lengths": False,
            "threads": 2,
            "repetitions": 7,
            "warmup": 2,
            "seconds": 0.4,
        },
    ),
    *_section(
        "analyze",
        ("analyze",),
        {
            "tolerance": 1.0,
            "tolerance_kind": "relative",
            "budgets": [1.0],
            "size_budgets": [0.1],
            "draws": 200,
            "seed": 1,
            "equivalence": 0.2,
        },
    ),
    Row("analyze.confidence", 0.9, ("analyze", "plot_analysis")),
    Row("plot.dots_per_inch", 100, ("plot", "plot_latency", "plot_training", "plot_analysis")),
    Row("plot.paper_points", True, ("plot",)),
    *_section(
        "runtime",
        (),
        {
            "device": "cpu",
            "threads": 2,
            "processes": 3,
            "precision": "float32",
            "deterministic": False,
            "save_seconds": 9.0,
        },
    ),
    *_section("storage", (), {"checkpoints": "none", "onnx": False, "dvc": False}),
    Row(
        "overrides",
        [{"task": "mnli", "arch": "nano", "stage": "prune", "set": {"epochs": 2.5}}],
        ("prune",),
        note="of the jobs that they name; here for prune",
        names_its_key=False,
    ),
]
