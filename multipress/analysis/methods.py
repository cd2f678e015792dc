"""Arrays whose last axis counts methods, and what is computed across that axis.

A method is a subset of compressions: a single one, such as ``KD``, or a combination, such as ``QAT+KD``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from multipress.compression import recipes
from multipress.compression.subsets import parts


def singles(methods: Sequence[str]) -> list[str]:
    """The methods that use one compression."""
    return [method for method in methods if len(parts(method)) == 1]


def combinations(methods: Sequence[str]) -> list[str]:
    """The methods that use several compressions."""
    return [method for method in methods if len(parts(method)) > 1]


def single_recipes(recipe: str) -> list[str]:
    """The recipes that apply one of a recipe's compressions each; empty if it has one or none."""
    start, *further = recipes.parse(recipe)
    singles = [*([start] if start != "ft" else []), *(f"ft-{step}" for step in further)]
    return singles if len(singles) > 1 else []


def pick(values: np.ndarray, methods: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """The values of the wanted methods: (…, methods) → (…, wanted); NaN for a method that is not there."""
    picked = np.full((*values.shape[:-1], len(wanted)), np.nan)
    for column, method in enumerate(wanted):
        if method in methods:
            picked[..., column] = values[..., methods.index(method)]
    return picked


def combine(values: np.ndarray, methods: Sequence[str], function: Callable[..., np.ndarray]) -> np.ndarray:
    """A function, such as ``numpy.prod``, of the single methods of each combination: (…, methods) → (…, combinations).

    NaN where one of the single methods is not there.
    """
    names = combinations(methods)
    combined = np.empty((*values.shape[:-1], len(names)))
    for column, name in enumerate(names):
        combined[..., column] = function(pick(values, methods, parts(name)), axis=-1)
    return combined


def over_product(ratios: np.ndarray, methods: Sequence[str]) -> np.ndarray:
    """Observed over product, above 1 where a combination gives more: (…, methods) → (…, combinations)."""
    return pick(ratios, methods, combinations(methods)) / combine(ratios, methods, np.prod)


def pooled(ratios: np.ndarray) -> np.ndarray:
    """Append the geometric mean over architectures: shape (…, archs, k) → (…, archs + 1, k)."""
    mean = np.exp(np.log(ratios).mean(axis=-2, keepdims=True))
    return np.concatenate([ratios, mean], axis=-2)
