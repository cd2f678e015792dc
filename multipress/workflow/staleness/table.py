"""Which rules rerun when a key of the configuration changes: the only table of it.

What follows a rule is Snakemake's own graph. The table in docs/reference/reruns.md is made from this one
(``python -m multipress.documentation``), and tests hold every row to a dry run.
"""

from dataclasses import dataclass, field
from typing import Any

from multipress.compression.method import Method
from multipress.compression.registry import methods
from multipress.core.settings import Section
from multipress.training.pretraining_settings import PretrainSettings
from multipress.training.settings import StartSettings
from multipress.workflow.staleness.rule_graph import follow

_PREPARED = ("prepare_train", "prepare_dev")


@dataclass(frozen=True)
class Row:
    """A key, another value for it, and what reruns first; everything that follows it reruns, too."""

    key: str
    """Its path in the configuration; ``*`` where the user chooses the name."""
    value: Any
    """Another value than that of the graph."""
    first: tuple[str, ...]
    """Rules, or ``rule:split`` for the jobs of one kind of split."""
    graph: str = "synthetic"
    """The study of ``rule_graph.STUDIES`` in which the key is used."""
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
    def path(self) -> str:
        """The key with its name in the graph."""
        return self.key.replace("*", self.name)


def _section(section: str, first: tuple[str, ...], values: dict[str, Any], **more: Any) -> list[Row]:
    return [Row(f"{section}.{key}", value, first, **more) for key, value in values.items()]


def _examples(settings: type[Section]) -> dict[str, Any]:
    """Another value for each key whose field gives an example of one."""
    return {key: entry.examples[0] for key, entry in settings.model_fields.items() if entry.examples}


def _method(method: Method) -> list[Row]:
    """The rows of a method's section; its rule has the same name.

    A job gets its learning rate, of which the factor is one reason.
    """
    values, first = _examples(method.settings), (method.name,)
    if method.inherited and method.imitates:
        loss = {key: values.pop(key) for key in method.inherited.model_fields if key in values}
        others = [each.name for each in methods().values() if each.imitates == method.imitates and each != method]
        return [*_section(method.name, first, values), *_section(method.name, (*first, *others), loss)]
    if "learning_rate_factor" not in values:
        return _section(method.name, first, values)
    rate = {"learning_rate": values.pop("learning_rate")}
    factor = {"learning_rate_factor": values.pop("learning_rate_factor")}
    return [
        *_section(method.name, first, values),
        *_section(method.name, first, rate, also={"learning_rate_factor": None}),
        *_section(method.name, first, factor, names_its_key=False),
    ]


_OF_THE_STUDENT_ALONE = ("distill_features", "ternarize", "early_exit")
"""Rules that read no model of the teacher's architecture in these graphs, although a rule does that they follow."""

_NEW_FOLDER: dict[str, Any] = {"names_its_key": False, "note": "another folder"}

TABLE: list[Row] = [
    Row(
        "results",
        "results/synthetic/other",
        ("generate_data", "generate_corpus", "measure_layers"),
        names_its_key=False,
    ),
    Row(
        "study.tasks",
        ["mnli", "weather"],
        (
            *("tabulate", "compare_predictions", "plot_training", "score_floors", "dissect"),
            *("tabulate_probes", "find_lost_rows"),
        ),
        note="one less",
        names_its_key=False,
    ),
    Row(
        "study.architectures",
        ["nano", "micro"],
        (
            *("distill", "distill_features", "distill_bilstm", "distill_cnn"),
            *("prune", "quantize", "ternarize", "early_exit", "measure_layers", "probe_untrained"),
        ),
        note="one more",
        names_its_key=False,
    ),
    Row("study.teacher", "nano", ("label_with_teacher",), names_its_key=False),
    Row("study.teacher_tries", 2, ("finetune",), note="that of the teacher alone"),
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
        "study.cross",
        [["ft", "kd"], ["mp60", "mp50"], ["int8"]],
        ("prune",),
        note="one more",
        also={"sparsities": None, "bits": None},
        names_its_key=False,
        not_rerun=("calibrate", "plot_training"),
    ),
    Row(
        "study.recipes",
        [
            *("ft-ptq8", "kd-mp60-ptq8", "ft-int16", "ft-int4", "ft-ter", "kd-bin", "fkd-bin", "kd-l1-r50"),
            *("kd-h50-f50", "kd-s1-er4-nm24", "ft-ee", "kd-x100", "kd-c50", "bilstm1-ptq8", "cnn4-ptq8", "kd-ptq8"),
        ],
        ("calibrate", "plot", "plot_latency", "analyze"),
        note="one more",
        names_its_key=False,
    ),
    Row(
        "study.controls",
        True,
        ("distill", "prune", "quantize", "plot", "plot_latency", "analyze"),
        note="all that they add is new",
        names_its_key=False,
        not_rerun=(
            *("distill_bilstm", "distill_cnn", "reduce_layers", "share_layers", "prune_heads", "prune_neurons"),
            *("prune_for_speed", "learn_gates", "factorize", "factorize_words", "measure_layers", "prune_groups"),
            *("calibrate", "binarize", "plot_training"),
        ),
    ),
    Row("study.floors", [], ("render_tables",), note="one less", names_its_key=False),
    Row("custom_tasks.*.kind", "regression", (*_PREPARED, "evaluate"), name="weather", also={"metric": "pearson"}),
    Row("custom_tasks.*.text_columns", ["report", "place"], (*_PREPARED, "tokenize"), name="weather"),
    Row("custom_tasks.*.label_column", "outlook", _PREPARED, name="weather"),
    Row("custom_tasks.*.labels", ["bad", "good"], _PREPARED, name="weather"),
    Row("custom_tasks.*.label_range", [0, 9], _PREPARED, graph="folder", name="mood"),
    Row("custom_tasks.*.folder", "weather2", _PREPARED, name="weather", **_NEW_FOLDER),
    Row("custom_tasks.*.splits", {"train": "train", "dev": "other"}, _PREPARED, name="weather", names_its_key=False),
    Row("custom_tasks.*.metric", "accuracy", ("prepare_dev", "evaluate"), name="weather"),
    *_section(
        "custom_architectures.*",
        ("pretrain", "finetune", "distill"),
        {"layers": 4, "hidden": 24, "heads": 4, "feed_forward": 64},
        name="micro",
        not_rerun=_OF_THE_STUDENT_ALONE,
    ),
    Row(
        "custom_architectures.*.from",
        "nano",
        ("derive_encoder",),
        also={"layers": [0, 1]},
        graph="folder",
        name="pico",
        names_its_key=False,
        not_rerun=("label_with_teacher",),
    ),
    Row(
        "variants",
        {"mpg60": {"step": "mp60", "set": {"scope": "global"}}},
        ("tabulate", "compare_predictions", "compare_families", "tabulate_probes"),
        note="one more; its models are new",
    ),
    Row("data.source", "folder", _PREPARED, also={"folder": "glue"}, names_its_key=False),
    Row("data.folder", "glue2", _PREPARED, graph="folder", **_NEW_FOLDER),
    *_section("data.hub", ("download_data",), {"repository": "o/glue"}, graph="hub"),
    *_section("data.hub", ("download_data",), {"revision": "0" * 40}, graph="hub"),
    Row("data.synthetic.train_rows", 80, ("generate_data:train",)),
    Row("data.synthetic.dev_rows", 50, ("generate_data",)),
    Row("data.synthetic.seed", 1, ("generate_data", "generate_corpus")),
    Row("data.max_train_rows", 60, ("prepare_train",)),
    Row("data.max_dev_rows", 30, ("prepare_dev",)),
    Row("data.sample_seed", 1, _PREPARED, graph="folder", note="where rows are sampled"),
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
    Row("tokenize.max_length", 40, ("tokenize", "probe", "probe_untrained")),
    Row("encoder.source", "scratch", ("finetune", "distill"), names_its_key=False),
    Row("encoder.folder", "encoders2", ("import_encoder",), graph="folder", **_NEW_FOLDER),
    Row(
        "encoder.hub.*.repository",
        "o/micro",
        ("download_encoder",),
        graph="hub",
        name="micro",
        not_rerun=_OF_THE_STUDENT_ALONE,
    ),
    Row(
        "encoder.hub.*.revision",
        "0" * 40,
        ("download_encoder",),
        graph="hub",
        name="micro",
        not_rerun=_OF_THE_STUDENT_ALONE,
    ),
    Row("pretrain.corpus", ["text.txt"], ("train_tokenizer", "pretrain"), names_its_key=False),
    Row("pretrain.synthetic_lines", 500, ("generate_corpus",)),
    *_section(
        "pretrain",
        ("pretrain",),
        {key: value for key, value in _examples(StartSettings).items() if key in PretrainSettings.model_fields}
        | {"max_tokens": 9_000, "sequence_length": 24, "masked_fraction": 0.2, "seed": 1},
    ),
    *_section(
        "augment", ("augment",), {"copies": 2, "lexicon": "wordnet", "fraction": 0.2, "min_words": 2, "max_words": 9}
    ),
    Row("augment.stop_words", "none", ("augment",)),
    Row("augment.seed", 1, ("augment",)),
    *(row for method in methods().values() for row in _method(method)),
    Row(
        "evaluate.metrics",
        {"stsb": "spearman"},
        ("evaluate", "score_floors"),
        note="with f1 or matthews also prepare_dev",
    ),
    Row("evaluate.batch_size", 32, ("label_with_teacher", "run_exported", "evaluate", "probe", "probe_untrained")),
    Row("latency.tasks", ["mnli", "weather", "stsb"], ("measure_latency",), note="one more", names_its_key=False),
    Row("latency.seeds", [1], ("tabulate_latency",), graph="hub", note="one less", names_its_key=False),
    *_section("latency", ("measure_latency",), {"batch_sizes": [1, 4], "lengths": [16], "task_lengths": False}),
    *_section(
        "latency",
        ("measure_latency", "measure_layers"),
        {"threads": 2, "repetitions": 7, "warmup": 2, "seconds": 0.4},
    ),
    *_section("latency.layers", ("measure_layers",), {"batch": 2, "length": 16}),
    Row("dissection.recipes", ["ft-int8", "kd-l1-r50"], ("represent",), note="one more", names_its_key=False),
    Row("dissection.tasks", ["mnli"], ("dissect",), note="fewer", names_its_key=False),
    *_section("dissection", ("represent",), {"rows": 12, "tokens": 30}),
    Row(
        "probing.recipes",
        ["kd-mp60-int8", "kd-int8"],
        ("probe", "find_lost_rows"),
        note="one more",
        names_its_key=False,
    ),
    Row("probing.tasks", ["mnli"], ("tabulate_probes", "find_lost_rows"), note="fewer", names_its_key=False),
    Row("probing.probes", ["length", "word_content"], ("probe_data",)),
    Row("probing.examples", 50, ("probe_data",)),
    *_section(
        "analyze",
        ("analyze",),
        {
            "tolerance": 1.0,
            "tolerance_kind": "relative",
            "budgets": [1.0],
            "size_budgets": [0.1],
            "equivalence": 0.2,
            "equivalence_points": 0.2,
            "score": "glue",
        },
    ),
    *_section("analyze", ("analyze", "compare_predictions", "compare_families"), {"draws": 200, "seed": 1}),
    Row(
        "analyze.confidence",
        0.9,
        ("analyze", "plot_analysis", "compare_predictions", "compare_families", "find_lost_rows"),
    ),
    Row(
        "plot.dots_per_inch",
        100,
        (
            *("plot", "plot_latency", "plot_training", "plot_analysis", "plot_changes"),
            *("plot_dissection", "compare_families", "plot_probes"),
        ),
    ),
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
            "worker": "off",
            "save_seconds": 9.0,
        },
    ),
    *_section("storage", (), {"checkpoints": "none", "onnx": False, "states": True, "dvc": False}),
    Row(
        "overrides",
        [{"task": "mnli", "arch": "nano", "stage": "prune", "set": {"epochs": 2.5}}],
        ("prune",),
        note="of the jobs that they name; here for prune",
        names_its_key=False,
    ),
]
