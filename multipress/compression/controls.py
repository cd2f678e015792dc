"""Controls: models that are trained as long as a compressed one, without its compression.

The effect of a step is then that of the compression, and not of the further training that comes with it.

* ``mp0`` and ``int32`` in place of ``mp60`` and ``int8``: the same training of the same parent. Likewise ``nm0``,
  ``ter32``, ``bin32``, ``h0``, ``f0``, ``c0``, ``x100``, ``r100``, and with numbers that no model
  exceeds ``l96``, ``s96`` and ``er8192``: all layers, each with weights of its own, and the whole word table.
* ``ftl``, ``fta`` and ``kdo`` in place of ``kd``: of teacher and augmented rows neither or one, for as many steps.
* ``mp60t`` after ``kd``: as ``mp60``, with the labels in place of the teacher.
"""

from collections.abc import Sequence
from typing import Any

from multipress.compression import recipes
from multipress.compression.method import Group
from multipress.compression.recipes import Step

_LABELS: dict[str, Any] = {"objective": "task"}
_ORIGINAL_ROWS: dict[str, Any] = {"augment": False, "epochs_over": "augmented"}

OF_DISTILLATION: dict[str, dict[str, Any]] = {
    "ftl": _LABELS | _ORIGINAL_ROWS,
    "fta": _LABELS | {"augment": True},
    "kdo": _ORIGINAL_ROWS,
}
"""Variants of ``kd`` by name: fine-tuned as long, on augmented rows without a teacher, with one on original rows."""

KD = "kd"


def labels_alone(step: str) -> str:
    """The name of the variant of a step after ``kd`` that trains for the labels alone."""
    return f"{step}t"


def control_of(step: Step) -> str | None:
    """The step that trains as this one and compresses nothing; None where its method has none."""
    control = step.method.control
    return None if control is None else f"{step.method.prefix}{control}"


def control_variants(groups: Sequence[Sequence[str]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The variants that the controls of a cross are made of: the step that each varies, and its settings.

    Names in ``groups`` that are no steps are passed over.
    """
    if KD not in _names(groups):
        return {}
    found = {name: (KD, settings) for name, settings in OF_DISTILLATION.items()}
    return found | {labels_alone(step): (step, _LABELS) for step in _later_steps(groups)}


def control_recipes(groups: Sequence[Sequence[str]]) -> list[str]:
    """The recipes that a cross is held against, each once: those of its variants, and those that end in a control."""
    later = _later_steps(groups)
    found = [*OF_DISTILLATION, *(f"{KD}-{labels_alone(step)}" for step in later)] if KD in _names(groups) else []
    for recipe in recipes.cross(groups):
        parent, last = recipe.rpartition("-")[0], last_step(recipe)
        if parent and last in later and (control := control_of(recipes.step(last))):
            found.append(f"{parent}-{control}")
    return list(dict.fromkeys(found))


def control_steps(groups: Sequence[Sequence[str]]) -> list[str]:
    """The last steps of these recipes, each once: the names by which a study chooses among them."""
    return list(dict.fromkeys(map(last_step, control_recipes(groups))))


def last_step(recipe: str) -> str:
    """The name of a recipe's last step."""
    return recipe.rpartition("-")[2]


def variants_in(names: Sequence[str]) -> dict[str, str]:
    """The steps that controls vary, by their names, among the steps of these recipes: read off the names alone."""
    steps = {step for recipe in names for step in recipe.split("-")}
    found = {name: KD for name in OF_DISTILLATION if name in steps}
    return found | {name: name[:-1] for name in steps if name.endswith("t") and _is_later_step(name[:-1])}


def is_control(recipe: str) -> bool:
    """Whether a recipe's name is that of a control."""
    variants = variants_in([recipe])
    try:
        return bool(variants) or any(step.is_control for step in recipes.steps(recipe))
    except ValueError:
        return False  # it has variants of the user's


def _names(groups: Sequence[Sequence[str]]) -> list[str]:
    return [name for group in groups for name in group]


def _later_steps(groups: Sequence[Sequence[str]]) -> list[str]:
    """The steps of a cross that are no first ones."""
    return [name for name in _names(groups) if _is_later_step(name)]


def _is_later_step(name: str) -> bool:
    try:
        return recipes.step(name).method.group > Group.START
    except ValueError:
        return False
