"""Which key of the configuration a part of a slice comes from."""

from collections.abc import Mapping

_STEP = {"training.": "{rule}.", "distillation.": "distill.", "architecture.": "custom_architectures.{arch}."}
_ROWS = {"rows.": "custom_tasks.{task}.", "sample_seed": "data.sample_seed", "source": "data.source"}
_TOKENIZER = {"": "tokenizer."}

_RECIPES = "study.sparsities, study.bits or study.baselines"
_FILES = {
    "recipes": _RECIPES,
    "max_length": "tokenize.max_length",
    "pair": "custom_tasks.{task}.text_columns",
}
_FIGURES = {"settings.": "plot.", "baselines": "study.baselines"}
KEYS: dict[str, dict[str, str]] = {
    "download_data": {"": "data.hub."},
    "generate_data": {
        "rows.train": "data.synthetic.train_rows",
        "rows.dev": "data.synthetic.dev_rows",
        "": "data.synthetic.",
    },
    "generate_corpus": {"lines": "pretrain.synthetic_lines", "seed": "data.synthetic.seed"},
    "prepare_train": {"limit": "data.max_train_rows", **_ROWS},
    "prepare_dev": {"limit": "data.max_dev_rows", **_ROWS},
    "download_tokenizer": _TOKENIZER,
    "import_tokenizer": _TOKENIZER,
    "train_tokenizer": _TOKENIZER,
    "tokenize": {"max_length": "tokenize.max_length", "pair": "custom_tasks.{task}.text_columns"},
    "augment": {"settings.": "augment."},
    "download_encoder": {"architecture.": "custom_architectures.{arch}.", "": "encoder.hub.{arch}."},
    "import_encoder": {"": "custom_architectures.{arch}."},
    "pretrain": {"settings.": "pretrain.", "architecture.": "custom_architectures.{arch}."},
    "finetune": _STEP,
    "distill": _STEP,
    "prune": _STEP,
    "quantize": _STEP,
    "label_with_teacher": {"": "evaluate."},
    "evaluate": {
        "metric": "custom_tasks.{task}.metric",
        "data": "data.source",
        "batch_size": "evaluate.batch_size",
        "recipes": _RECIPES,
        "architecture.": "custom_architectures.{arch}.",
    },
    "calibrate": {"settings.": "calibrate."},
    "export": _FILES,
    "pack": _FILES,
    "run_exported": {"recipes": _RECIPES, "batch_size": "evaluate.batch_size"},
    "measure_latency": {"recipes": _RECIPES, "settings.": "latency."},
    "plot": {"published": "plot.paper_points", **_FIGURES},
    "plot_latency": _FIGURES,
    "plot_training": {"architectures": "study.architectures", "synthetic": "data.source", **_FIGURES},
    "analyze": {
        "published": "multipress/analysis/reference/",
        "synthetic": "data.source",
        "baselines": "study.baselines",
        "architectures": "study.architectures",
        "": "analyze.",
    },
    "render_tables": {"synthetic": "data.source"},
    "plot_analysis": {
        "published": "multipress/analysis/reference/",
        "confidence": "analyze.confidence",
        "synthetic": "data.source",
        **_FIGURES,
    },
}
"""For each rule: beginnings of a slice's keys, and the configuration's beginnings that stand for them."""


def key_of(rule: str, part: str, wildcards: Mapping[str, str]) -> str:
    """The configuration's key for a part of a rule's slice; the part itself where it has none."""
    for beginning, key in KEYS.get(rule, {}).items():
        if part.startswith(beginning):
            whole = key if not key.endswith(".") else key + part.removeprefix(beginning)
            return whole.format(rule=rule, **wildcards)
    return part
