"""Settings of the rules that make models: the same entries for the steps of all methods."""

from itertools import accumulate
from typing import Any

from multipress.compression import recipes
from multipress.compression.method import Method
from multipress.compression.recipes import Step
from multipress.compression.registry import methods
from multipress.workflow.configuration import Config
from multipress.workflow.settings_entries import OMITTED, Entries, Wildcards, computed, wildcard
from multipress.workflow.training_inputs import loss_section


def recipe_in(wildcards: Wildcards) -> str:
    """The recipe of the model that a job makes."""
    return "-".join(filter(None, [wildcards.get("parent"), wildcards["step"]]))


def steps_in(config: Config, wildcards: Wildcards) -> tuple[Step, ...]:
    """The steps of that recipe.

    Raises:
        ValueError: the name is no recipe.
    """
    return recipes.steps(recipe_in(wildcards), config.variant_steps)


def entries(method: str) -> Entries:
    """The model's identity, its last step and that step's settings; of earlier steps, what later ones use, too."""
    return {
        "task": wildcard("task"),
        "arch": wildcard("arch"),
        "seed": wildcard("seed", int),
        "recipe": computed(lambda config, wildcards: recipe_in(wildcards), "recipe"),
        "method": computed(lambda config, wildcards: method, "method"),
        "argument": computed(lambda config, wildcards: steps_in(config, wildcards)[-1].argument, "argument"),
        "settings": computed(_settings, method),
        "inherited": computed(_inherited, lambda name: name or "inherited"),
        "architecture": computed(_architecture, "custom_architectures.{arch}"),
        "tries": computed(_tries, "study.teacher_tries"),
    }


def _settings(config: Config, wildcards: Wildcards) -> dict[str, Any]:
    """The settings of the last step, with its learning rate as a number."""
    last = steps_in(config, wildcards)[-1]
    keys = set(last.method.settings.model_fields) - {"learning_rate_factor"}
    return _kept(config, wildcards, last, recipe_in(wildcards), keys)


def _inherited(config: Config, wildcards: Wildcards) -> dict[str, dict[str, Any]]:
    """For each earlier step the part of its settings that later ones use, by its method."""
    steps = steps_in(config, wildcards)[:-1]
    names = accumulate((step.name for step in steps), "{}-{}".format)
    pairs = zip(steps, names, strict=True)
    found = {step.method.name: _passed_on(config, wildcards, step, recipe) for step, recipe in pairs}
    loss = loss_section(config, steps_in(config, wildcards), wildcards["task"], wildcards["arch"])
    if loss and loss[0].name not in {*found, steps_in(config, wildcards)[-1].method.name}:
        found[loss[0].name] = _with_effect(config, wildcards, *loss, _passed_keys(loss[0]))
    return {method: settings for method, settings in found.items() if settings}


def _passed_keys(method: Method) -> set[str]:
    """The keys of a method's settings that later steps use, too."""
    return set(method.inherited.model_fields) if method.inherited else set()


def _passed_on(config: Config, wildcards: Wildcards, step: Step, recipe: str) -> dict[str, Any]:
    """The part of the settings of a recipe's last step that later ones use: of its loss, or that it is the task's."""
    passed = _kept(config, wildcards, step, recipe, _passed_keys(step.method))
    if not step.method.trains:
        return passed
    chosen = config.settings_of(recipe, wildcards["task"], wildcards["arch"]).objective
    return {"objective": "task"} if chosen == "task" else passed | ({} if chosen == "auto" else {"objective": chosen})


def _kept(config: Config, wildcards: Wildcards, step: Step, recipe: str, keys: set[str]) -> dict[str, Any]:
    """What the settings of the last step of ``recipe`` say of these keys, less what has no effect on the task."""
    found = config.settings_of(recipe, wildcards["task"], wildcards["arch"])
    return _with_effect(config, wildcards, step.method, found, keys)


def _with_effect(config: Config, wildcards: Wildcards, method: Method, settings: Any, keys: set[str]) -> dict[str, Any]:
    """These keys of a method's settings, less what has no effect on the task.

    A teacher that is named and is the architecture's own is the one of a study that names none.
    """
    without_effect = method.without_effect.get(config.task(wildcards["task"]).kind, frozenset())
    values: dict[str, Any] = settings.model_dump(include=keys - without_effect)
    return values | {"teacher": None} if values.get("teacher") == wildcards["arch"] else values


def _architecture(config: Config, wildcards: Wildcards) -> dict[str, Any] | None:
    """The shape that a first step's model starts with; later ones find it in their parent."""
    if len(steps_in(config, wildcards)) > 1:
        return None
    return config.all_architectures[wildcards["arch"]].model_dump()


def _tries(config: Config, wildcards: Wildcards) -> Any:
    """How often a teacher is trained, where that is more than once."""
    tries = config.tries_of(recipe_in(wildcards), wildcards["arch"])
    return tries if tries > 1 else OMITTED


STEPS: dict[str, Entries] = {name: entries(name) for name in methods()}
"""By the rules, which are named after the methods."""
