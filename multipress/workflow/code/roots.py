"""Modules that a job imports by name: those of the methods in its recipes, which a script's imports do not reach."""

from collections.abc import Iterable, Sequence

from multipress.compression.method import Method
from multipress.compression.recipes import Step
from multipress.compression.registry import has, loss_method, module_name


def of_step(steps: Sequence[Step], loss: str | None = None) -> list[str]:
    """For a job that makes a model by the last of these steps: how it is applied, and what earlier ones left.

    Among them is the method whose loss it trains for: ``loss``, where settings name another than the steps do.
    """
    *before, last = (each.method.name for each in steps)
    losses = {loss_method(each.method.imitates).name for each in steps if each.method.imitates}
    losses = (losses | ({loss} if loss else set())) - {last, *before}
    return [*_modules([last, *sorted(losses)], "apply"), *_modules(before, "apply", "structure")]


def of_models(recipes: Iterable[list[Step]], *parts: str) -> list[str]:
    """For a job that rebuilds models of these recipes: their layers, and further parts of their methods."""
    names = {each.method.name for steps in recipes for each in steps}
    return _modules(sorted(names), "structure", *parts)


def of_names(methods: Iterable[Method]) -> list[str]:
    """For a job that reads names of recipes: the specs of the methods in them."""
    return _modules([method.name for method in methods], "spec")


def _modules(methods: Iterable[str], *parts: str) -> list[str]:
    return [module_name(method, part) for method in methods for part in parts if has(method, part)]
