"""What a training reads beside the original rows: the settings of all steps of its lineage decide."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from multipress.compression.method import Method
from multipress.compression.recipes import Step
from multipress.compression.registry import loss_method
from multipress.workflow.configuration import Config


class TrainingInputs(NamedTuple):
    """Which files a training has beside the original rows."""

    augmented: bool
    """Whether it trains on the augmented rows."""
    counted: bool
    """Whether it counts them and trains on the original ones alone."""
    logits: bool
    """Whether it trains for the teacher's answers."""
    feature_teacher: str | None
    """The architecture whose ft model it learns the features of."""


def inputs_of(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> TrainingInputs:
    """What the last of these steps reads, which must train: a step that says nothing reads what the one before did.

    Raises:
        ValueError: it learns features of a teacher that has others; the message says which.
    """
    augmented = counts = False
    for step, settings in _trainings(config, steps, task, arch):
        augmented = settings.augment if settings.augment != "auto" else augmented or bool(step.method.imitates)
        counts = settings.epochs_over == "augmented"
    aim = _aim(config, steps, task, arch)
    teacher = _feature_teacher(config, steps, task, arch) if aim == "features" else None
    return TrainingInputs(augmented, counts and not augmented, aim == "logits", teacher)


def loss_section(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> tuple[Method, Any] | None:
    """The method whose loss the last step trains for, and the settings that it goes by; None: the task loss.

    They are those of the last step of that method, or the method's section where the lineage has none.
    """
    aim = _aim(config, steps, task, arch)
    if aim == "task":
        return None
    method = loss_method(aim)
    own = [settings for step, settings in _trainings(config, steps, task, arch) if step.method == method]
    return method, own[-1] if own else config.stage(method.name, task, arch)


def _trainings(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> Iterator[tuple[Step, Any]]:
    """The steps that train, with their settings."""
    for step, recipe in zip(steps, accumulate((step.name for step in steps), "{}-{}".format), strict=True):
        if step.method.trains:
            yield step, config.settings_of(recipe, task, arch)


def _aim(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> str:
    aim = "task"
    for step, settings in _trainings(config, steps, task, arch):
        aim = settings.objective if settings.objective != "auto" else step.method.imitates or aim
    return aim


def _feature_teacher(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> str:
    if not steps[0].method.has_attention:
        recipe = "-".join(step.name for step in steps)
        raise ValueError(f"{recipe} of {arch} cannot learn features, for it has no Transformer layers: use logits")
    found = loss_section(config, steps, task, arch)
    name: str = found[1].teacher or arch if found else arch
    known = config.all_architectures
    if name not in known:
        raise ValueError(f"distill_features.teacher: unknown architecture {name!r}: use one of {', '.join(known)}")
    if name != arch and name not in config.trained_architectures:
        raise ValueError(
            f"distill_features.teacher: {name} is not trained in this study: add it to study.architectures, or name it "
            "as study.teacher"
        )
    student, teacher, recipe = known[arch], known[name], "-".join(step.name for step in steps)
    for key, what in (("hidden", "hidden size"), ("heads", "number of attention heads")):
        ours, theirs = getattr(student, key), getattr(teacher, key)
        if ours != theirs:
            raise ValueError(
                f"{recipe} of {arch} learns the features of {name}, whose {what} is {theirs}, not {ours}: set "
                "distill_features.teacher to an architecture of the same width, or distill on logits (kd)"
            )
    if student.layers > teacher.layers:
        raise ValueError(
            f"{recipe} of {arch}, which has {student.layers} layers, learns the features of {name}, which has "
            f"{teacher.layers}: set distill_features.teacher to an architecture with as many or more"
        )
    return name
