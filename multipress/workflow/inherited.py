"""What a study with tasks of the user's own takes over from config.yaml, which is the paper's, and what that costs."""

from collections.abc import Iterator
from pathlib import Path

from multipress.compression import recipes
from multipress.workflow.configuration import Config
from multipress.workflow.places import Places


def notes(config: Config, places: Places, paper: Path) -> list[str]:
    """A line for each costly choice that stands in the file ``paper`` alone; none for a study of GLUE alone."""
    if not set(config.study.tasks) & config.custom_tasks.keys():
        return []
    taken = [f"    {line}" for line in _inherited(config, places, paper)]
    head = [f"taken from {paper.name}, for your files do not say it:"] if taken else []
    return [*head, *taken, _size(config)]


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
    return {recipe for recipe in config.made_of(arch) if recipes.steps(recipe, config.variant_steps)[-1].method.trains}
