"""Which methods there are: every folder beside this file that holds a ``spec.py``. Nothing else lists them.

This module alone imports by name. Digests of code do not follow such imports: whoever asks for a digest names those
modules (``workflow.code.roots``).
"""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from multipress.compression.method import Method

PACKAGE = "multipress.compression"
FOLDER = Path(__file__).parent


@cache
def methods() -> dict[str, Method]:
    """The specs by name, in the default order of steps.

    Raises:
        ValueError: a folder's spec has another name than the folder, a folder has no ``apply.py``, or two methods
            share a prefix or a label.
    """
    folders = sorted(file.parent.name for file in FOLDER.glob("*/spec.py"))
    specs = {folder: part_of(folder, "spec").SPEC for folder in folders}
    for folder, spec in specs.items():
        if spec.name != folder:
            raise ValueError(f"{folder}/spec.py is called {spec.name!r}: give both the same name")
        if not has(folder, "apply"):
            raise ValueError(f"{folder}/ has spec.py and no apply.py: write how a model gets the step")
        if not re.fullmatch("[a-z]+", spec.prefix):
            raise ValueError(f"the method {folder} has the prefix {spec.prefix!r}: use small letters alone")
    for what, names in {
        "prefix": [spec.prefix for spec in specs.values()],
        "label": [spec.label for spec in specs.values()],
    }.items():
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"several methods have the {what} {repeated.pop()!r}: choose others")
    return dict(sorted(specs.items(), key=lambda item: (item[1].order, item[1].label != "", item[0])))


def loss_method(aim: str) -> Method:
    """The method whose loss trains for a teacher's logits or features; others that imitate the same train with it."""
    return next(method for method in methods().values() if method.imitates == aim)


@cache
def has(method: str, part: str) -> bool:
    """Whether a method's folder holds a module of that name: apply, structure, export."""
    return (FOLDER / method / f"{part}.py").is_file()


def module_name(method: str, part: str) -> str:
    """Dotted name of a module of a method's folder."""
    return f"{PACKAGE}.{method}.{part}"


def part_of(method: str, part: str) -> Any:
    """A module of a method's folder; importing it may load PyTorch."""
    return importlib.import_module(module_name(method, part))
