"""What a training reads beside the original rows: the settings of all steps of its lineage decide."""

from itertools import accumulate
from typing import NamedTuple

from multipress.compression.recipes import Step
from multipress.workflow.configuration import Config


class TrainingInputs(NamedTuple):
    """Which files a training has beside the original rows."""

    augmented: bool
    """Whether it trains on the augmented rows."""
    counted: bool
    """Whether it counts them and trains on the original ones alone."""
    logits: bool
    """Whether it trains for the teacher's answers."""


def inputs_of(config: Config, steps: tuple[Step, ...], task: str, arch: str) -> TrainingInputs:
    """What the last of these steps reads, which must train: a step that says nothing reads what the one before did."""
    augmented = taught = counts = False
    for step, recipe in zip(steps, accumulate((step.name for step in steps), "{}-{}".format), strict=True):
        if not step.method.trains:
            continue
        settings = config.settings_of(recipe, task, arch)
        augmented = settings.augment if settings.augment != "auto" else augmented or step.method.reads_teacher
        taught = settings.objective == "auto" and (taught or step.method.reads_teacher)
        counts = settings.epochs_over == "augmented"
    return TrainingInputs(augmented, counts and not augmented, taught)
