"""The settings of the rules that make models: fine-tuning, distillation, pruning, quantization, calibration."""

from typing import Any

from multipress.compression import recipes
from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.workflow.configuration import Config
from multipress.workflow.settings_entries import Entries, Entry, Wildcards, computed, key, wildcard


def _model(recipe: str) -> Entries:
    """The identity of the model; its recipe with the job's wildcards in braces."""
    names = {"task": wildcard("task"), "arch": wildcard("arch"), "seed": wildcard("seed", int)}
    return {**names, "recipe": computed(lambda config, wildcards: recipe.format(**wildcards), "recipe")}


def _finetune() -> Entries:
    return {**_model("ft"), "architecture": key("custom_architectures.{arch}"), "training": key("finetune")}


def _distill() -> Entries:
    """The distillation loss is among the settings of the training."""
    training = computed(lambda config, wildcards: _distillation(config, wildcards), "distill")
    return {**_model("kd"), "architecture": key("custom_architectures.{arch}"), "training": training}


def _compress(section: str, step: str) -> Entries:
    """The shape is the parent's; descendants of ``kd`` train with the distillation loss."""
    return {**_model("{parent}-" + step), "training": key(section), "distillation": _inherited_loss()}


def _calibrate() -> Entries:
    """Nothing is trained, so that the loss has no effect."""
    return {**_model("{parent}-ptq{bits}"), "settings": key("calibrate")}


def _inherited_loss() -> Entry:
    loss = set(DistillationSettings.model_fields)

    def value(config: Config, wildcards: Wildcards) -> dict[str, Any] | None:
        return _distillation(config, wildcards, loss) if recipes.is_distilled(wildcards["parent"]) else None

    return computed(value, "distill")


def _distillation(config: Config, wildcards: Wildcards, include: set[str] | None = None) -> dict[str, Any]:
    """The section ``distill`` without what has no effect on the task: in regression there is no temperature."""
    task, arch = wildcards["task"], wildcards["arch"]
    unused = {"temperature"} if config.task(task).kind == "regression" else set()
    section: dict[str, Any] = config.stage("distill", task, arch).model_dump(include=include, exclude=unused)
    return section


TRAINING: dict[str, Entries] = {
    "finetune": _finetune(),
    "distill": _distill(),
    "prune": _compress("prune", "mp{percent}"),
    "quantize": _compress("quantize", "int{bits}"),
    "calibrate": _calibrate(),
}
