"""Settings of the rules that make models: one function for the steps of all methods."""

from typing import Any

from multipress.compression import recipes
from multipress.compression.recipes import Step
from multipress.workflow.configuration import Config


def step_settings(config: Config, task: str, arch: str, seed: int, recipe: str) -> dict[str, Any]:
    """The model's identity, its last step and that step's settings; of earlier steps, what later ones inherit.

    A first step also has the shape that its model starts with; later ones find it in their parent.

    Raises:
        ValueError: the name is no recipe.
    """
    *before, last = recipes.steps(recipe, config.variant_steps)
    kind = config.task(task).kind
    settings = config.step(last.name, task, arch).model_dump(exclude=set(_without_effect(last, kind)))
    return {
        "task": task,
        "arch": arch,
        "seed": seed,
        "recipe": recipe,
        "method": last.method.name,
        "argument": last.argument,
        "settings": settings,
        "inherited": {
            step.method.name: _inherited(config, step, task, arch) for step in before if step.method.inherited
        },
        "architecture": None if before else config.all_architectures[arch].model_dump(),
    }


def _inherited(config: Config, step: Step, task: str, arch: str) -> dict[str, Any]:
    """The part of an earlier step's settings that later ones use, too."""
    part = step.method.inherited
    keys = set(part.model_fields if part else ()) - _without_effect(step, config.task(task).kind)
    return config.step(step.name, task, arch).model_dump(include=keys)


def _without_effect(step: Step, kind: str) -> frozenset[str]:
    return step.method.without_effect.get(kind, frozenset())
