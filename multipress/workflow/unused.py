"""What a configuration says of jobs that its study does not have."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from multipress.compression import recipes
from multipress.compression.registry import methods
from multipress.evaluation.latency.settings import TurnSettings
from multipress.workflow.configuration import Config, Override
from multipress.workflow.places import Key, Places

_SWITCHES = {"latency": "tasks", "dissection": "recipes", "probing": "recipes"}
"""The key of a section without which its others change nothing."""

_OF_LAYERS = {("latency", name) for name in ("layers", *TurnSettings.model_fields)}
"""But these, where steps prune to a speed: they say how layers are timed."""


def notes(config: Config, places: Places, files: Sequence[Path]) -> list[str]:
    """A line for each custom task, variant, override and setting that changes nothing, with its place.

    All but tasks may stand in a file over which others are laid, or under a study that the command line changes:
    narrower studies do not need them all.
    """
    below = files if places.is_of_command_line("study") else files[:-1] or files
    found = [*_unused(config, places, below), *_switched_off(config, places, below, files)]
    return [f"{_place(places, key)}{line}, and so not used" for key, line in found]


def _unused(config: Config, places: Places, below: Sequence[Path]) -> Iterator[tuple[Key, str]]:
    """Keys that change nothing, and why."""
    steps = _steps(_made(config, None))
    for name in config.custom_tasks:
        if name not in config.study.tasks:
            yield ("custom_tasks", name), f"custom_tasks.{name} is not in study.tasks"
    for name in config.variants:
        if name not in steps and places.file_of("variants", name, "step") not in below:
            yield ("variants", name), f"variants.{name} is in no recipe of the study"
    for number, override in enumerate(config.overrides):
        if places.file_of("overrides", number, "set") in below:
            continue
        if reason := _reaches_nothing(config, override):
            yield ("overrides", number), f"overrides[{number}] is for {reason}"


def _switched_off(
    config: Config, places: Places, below: Sequence[Path], files: Sequence[Path]
) -> Iterator[tuple[Key, str]]:
    """Settings of what the study does not ask for, unless the command line switches it off."""
    read = _OF_LAYERS if any(method.reads_layer_times for method in config.methods) else set()
    for section, switch in _SWITCHES.items():
        settings = getattr(config, section)
        spared = files if places.is_of_command_line(section, switch) else below
        for name in [] if getattr(settings, switch) else type(settings).model_fields:
            if name != switch and (section, name) not in read and places.file_of(section, name) not in spared:
                yield (section, name), f"{section}.{name} is for no model, for {section}.{switch} names none"


def _place(places: Places, key: Key) -> str:
    """Where a key is written, to stand before what is said of it."""
    written = places.find(key)
    return f"{written.where}: " if written else ""


def _made(config: Config, arch: str | None) -> set[str]:
    """The recipes of all models of an architecture, or of all that are trained."""
    chosen = config.trained_architectures if arch is None else [arch]
    return {recipe for each in chosen for recipe in config.made_of(each)}


def _steps(made: Iterable[str]) -> set[str]:
    return {step for recipe in made for step in recipe.split("-")}


def _reaches_nothing(config: Config, override: Override) -> str:
    """What an override is for that the study lacks; empty if it reaches a job."""
    if override.task is not None and override.task not in config.study.tasks:
        return f"{override.task}, which is not in study.tasks"
    if override.arch is not None and override.arch not in config.trained_architectures:
        return f"{override.arch}, which the study does not train"
    made = _made(config, override.arch)
    steps, whose = _steps(made), "the study" if override.arch is None else override.arch
    if override.step is not None and override.step not in steps:
        return f"the step {override.step}, which is in no recipe of {whose}"
    if override.recipe is not None and override.recipe not in made:
        return f"{override.recipe}, which is no model of {whose}"
    used = {recipes.step(step, config.variant_steps).method.name for step in steps}
    if override.stage in methods() and override.stage not in used:
        return f"{override.stage}, which is in no recipe of {whose}"
    return ""
