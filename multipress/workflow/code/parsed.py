"""What is known of the texts of modules, kept beside a run's logs: later processes parse what was edited alone."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing
from multipress.workflow.code import digest

_MOST = 3_000
"""Modules in the file: those of some runs, and texts that were edited since."""


class ParsedModules:
    """The file, and what it held when this process began."""

    def __init__(self, file: Path) -> None:
        """Let ``digest`` know what an earlier process wrote."""
        self._file = file
        self._before = _read(file)
        digest.remember(self._before)

    def keep(self, paths: Iterable[Path]) -> None:
        """Write down what is known of these modules, where it is not written yet."""
        now = digest.answers(paths)
        known, contents = {content for _, content, *_ in self._before}, {module.content for module in now}
        if contents <= known:
            return
        others = [module for module in self._before if module[1] not in contents]
        modules = [*map(list, now), *others][:_MOST]
        with replacing(self._file) as temporary:
            temporary.write_text(json.dumps({"modules": modules, "seal": _seal(modules)}), encoding="utf-8")


def _read(file: Path) -> list[Any]:
    """Its modules; none of a process with another way of reading, or where the file is damaged."""
    try:
        written = read_json(file)
        return list(written["modules"]) if written["seal"] == _seal(written["modules"]) else []
    except (UserError, RecursionError, TypeError, KeyError):
        return []


def _seal(modules: Any) -> str:
    """What only what was written whole, by this way of reading, has."""
    return hashlib.sha256(f"{digest.version()} {json.dumps(modules)}".encode()).hexdigest()
