"""How methods make a step, by their names: the ``apply.py`` of their folders."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from multipress.compression.registry import part_of
from multipress.compression.step_work import Applied, StepWork
from multipress.compression.steps_file import ModelSteps
from multipress.core.errors import UserError
from multipress.core.settings import Section
from multipress.core.validation import explain
from multipress.model.bert import BertClassifier
from multipress.training.hooks import Hook
from multipress.training.objectives import Objective


def settings_class(method: str) -> type[Section]:
    """The settings of a method's steps."""
    return part_of(method, "apply").SETTINGS


def apply_step(method: str, model: BertClassifier, work: StepWork) -> Applied:
    """Make the step: change ``model`` in place, and say what must be known to rebuild it."""
    return part_of(method, "apply").apply(model, work)


def objective_of(
    method: str, kind: str, settings: Mapping[str, Any], teacher: BertClassifier | None = None
) -> Objective | None:
    """The objective that a method's step and all after it train for; None: it has none of its own.

    ``settings`` hold at least those that the later steps inherit; missing ones have their defaults. ``teacher`` is one
    that computes beside the student, where the objective needs more of it than logits.
    """
    module = part_of(method, "apply")
    if not hasattr(module, "objective"):
        return None
    inherited: type[Section] = module.INHERITED
    known = {key: value for key, value in settings.items() if key in inherited.model_fields}
    try:
        return module.objective(kind, inherited.model_validate(known), teacher)
    except ValidationError as error:
        raise UserError(explain(error, inherited, f"settings of {method}")) from None


def keepers(steps: ModelSteps, model: BertClassifier) -> list[Hook]:
    """Hooks that keep what earlier steps made while a later one trains, such as the zeros of pruning."""
    makers = [getattr(part_of(step.method, "apply"), "keep", None) for step in steps.steps]
    return [hook for keep in makers if keep for hook in keep(model)]
