"""What a study with tasks of the user's own takes over from config.yaml, which is the paper's, and what that costs; and
what is configured for jobs that no study has.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from multipress.compression import recipes
from multipress.compression.registry import methods
from multipress.workflow.configuration import Config, Override
from multipress.workflow.places import Key, Places


def notes(config: Config, places: Places, files: Sequence[Path]) -> list[str]:
    """A line for each costly choice that stands in the first file alone, the paper's; none for a study of GLUE alone.

    In any case custom tasks are told that are in no study, and variants and overrides that change nothing, unless they
    stand in a file over which others are laid.
    """
    paper, below = files[0], files[:-1] or files
    lines = [f"{_place(places, key)}{line}, and so not used" for key, line in _unused(config, places, below)]
    if not set(config.study.tasks) & config.custom_tasks.keys():
        return lines
    if taken := list(_inherited(config, places, paper)):
        lines += [f"taken from {paper.name}, for your files do not say it:", *(f"    {line}" for line in taken)]
    return [*lines, _size(config)]


def _unused(config: Config, places: Places, below: Sequence[Path]) -> Iterator[tuple[Key, str]]:
    """Keys that change nothing, and why."""
    steps = {step for recipe in _recipes(config) for step in recipe.split("-")}
    for name in config.custom_tasks:
        if name not in config.study.tasks:
            yield ("custom_tasks", name), f"custom_tasks.{name} is not in study.tasks"
    for name in config.variants:
        if name not in steps and places.file_of("variants", name, "step") not in below:
            yield ("variants", name), f"variants.{name} is in no recipe of the study"
    for number, override in enumerate(config.overrides):
        key = ("overrides", number)
        if places.file_of(*key, "set") not in below and (reason := _reaches_nothing(config, override, steps)):
            yield key, f"overrides[{number}] is for {reason}"


def _place(places: Places, key: Key) -> str:
    """Where a key is written, to stand before what is said of it."""
    written = places.find(key)
    return f"{written.where}: " if written else ""


def _reaches_nothing(config: Config, override: Override, steps: set[str]) -> str:
    """What an override is for that the study lacks; empty if it reaches a job."""
    if override.task is not None and override.task not in config.study.tasks:
        return f"{override.task}, which is not in study.tasks"
    if override.arch is not None and override.arch not in config.trained_architectures:
        return f"{override.arch}, which the study does not train"
    if override.step is not None and override.step not in steps:
        return f"the step {override.step}, which is in no recipe of the study"
    if override.recipe is not None and override.recipe not in _recipes(config):
        return f"{override.recipe}, which is no model of the study"
    if override.stage in methods() and override.stage not in {method.name for method in config.methods}:
        return f"{override.stage}, which is in no recipe of the study"
    return ""


def _recipes(config: Config) -> set[str]:
    """The study's recipes, and those that they begin with."""
    return {
        "-".join(steps[:size])
        for arch in config.trained_architectures
        for steps in (recipe.split("-") for recipe in config.recipes_of(arch))
        for size in range(1, len(steps) + 1)
    }


def _inherited(config: Config, places: Places, paper: Path) -> Iterator[str]:
    study = config.study

    def is_inherited(*key: str) -> bool:
        return places.file_of(*key) == paper

    if is_inherited("study", "architectures"):
        yield f"study.architectures {', '.join(study.architectures)}"
    if is_inherited("study", "seeds") and len(study.seeds) > 1:
        yield f"study.seeds {', '.join(map(str, study.seeds))}: every model is made {len(study.seeds)} times"
    if is_inherited("encoder", "source"):
        sources = ", ".join(config.encoder.hub[name].repository for name in config.source_architectures)
        yield f"encoder.source hub: {sources} {_ARE_FETCHED}"
    if is_inherited("tokenizer", "source"):
        yield f"tokenizer.source hub: {config.tokenizer.repository}, lower case English, {_ARE_FETCHED}"
    if is_inherited("augment", "lexicon") and config.augment.copies and _is_distilled(config):
        copies = f"{config.augment.copies} more of each training row for kd"
        yield f"augment.lexicon wordnet: {copies}, with English synonyms from NLTK's data (copies: 0 for none)"


_ARE_FETCHED = "to be downloaded"


def _is_distilled(config: Config) -> bool:
    return any(method.imitates for method in config.methods)


def _size(config: Config) -> str:
    study = config.study
    models = len(study.tasks) * len(study.architectures) * len(study.seeds) * len(config.recipes)
    trainings = [
        config.tries_of(recipe, arch) for arch in config.trained_architectures for recipe in _trained(config, arch)
    ]
    total = len(study.tasks) * len(study.seeds) * sum(trainings)
    by = "" if study.teacher else ", the largest of study.architectures"
    return f"{models} models by {total} trainings; the teacher is {config.teacher}{by}"


def _trained(config: Config, arch: str) -> set[str]:
    """The recipes of one architecture whose last step trains, and those that they begin with."""
    begun = {
        "-".join(recipe.split("-")[:size])
        for recipe in [*config.recipes_of(arch), *(["ft"] if arch == config.teacher else [])]
        for size in range(1, recipe.count("-") + 2)
    }
    return {recipe for recipe in begun if recipes.steps(recipe, config.variant_steps)[-1].method.trains}
