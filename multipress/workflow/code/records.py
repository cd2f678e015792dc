"""Of which modules the code of a job consisted: what a digest in Snakemake's records stands for."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing, write_json
from multipress.workflow.code import digest as digests
from multipress.workflow.code.digest import bytes_digest, closure_digest, module_digests

_READER_OF_NAMES = "multipress/compression/recipes.py"
_PARSED = "parsed.json"
"""What is known of the modules themselves, so that later processes parse those alone that were edited."""

_MOST = 3_000
"""Modules in that file: those of some runs, and texts that were edited since."""

_CHECK = "multipress.workflow.code.plan"
"""Only says whether a job may run."""


def _seal(modules: Any) -> str:
    """What only what was written whole, by this way of reading, has."""
    text = json.dumps(modules)
    return hashlib.sha256(f"{digests.version()} {text}".encode()).hexdigest()


class CodeRecords:
    """Digests of scripts, and files beside the logs that tell of which modules each is made."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Digest the repository ``root``; keep records in ``folder``."""
        self._root, self._folder = root, folder
        self._modules: dict[str, dict[str, str]] = {}
        self._digests: dict[tuple[str, ...], str] = {}
        self._parsed = folder / _PARSED
        digests.remember(self._read_parsed())

    def digest(
        self,
        script: str,
        roots: Sequence[str] = (),
        names: Sequence[str] = (),
        without: tuple[str, ...] = (),
    ) -> str:
        """Digest of what a script and its imports mean.

        Args:
            script: name of the script.
            roots: modules that it imports by name.
            names: those of them that it imports only if it reads names of recipes.
            without: modules that a job will not come to.

        Raises:
            UserError: an import cannot be followed.
        """
        key = script, *roots, "", *names, "", *without
        if key not in self._digests:
            self._digests[key] = self._digest([f"workflow_scripts.{script}", *roots], names, without)
        return self._digests[key]

    def _digest(self, roots: Sequence[str], names: Sequence[str], without: tuple[str, ...]) -> str:
        without = (*without, _CHECK)
        modules = module_digests(roots, self._root, without)
        if _READER_OF_NAMES in modules:
            modules = module_digests([*roots, *names], self._root, without)
        digest = closure_digest(modules)
        self._modules[digest] = modules
        return digest

    @staticmethod
    def is_digest(text: str) -> bool:
        """Whether a text looks like a digest."""
        return bool(re.fullmatch("[0-9a-f]{16}", text))

    def write(self) -> None:
        """Write down what this process's digests stand for, where it is not written yet."""
        for digest, modules in self._modules.items():
            path = self._folder / f"{digest}.json"
            if not path.exists():
                write_json(path, modules)
        before, now = self._read_parsed(), digests.answers(self._root / file for file in self.bytes_of_modules())
        known, contents = {content for _, content, *_ in before}, {module.content for module in now}
        if not contents <= known:
            others = [module for module in before if module[1] not in contents]
            self._write_parsed([*map(list, now), *others][:_MOST])

    def _write_parsed(self, modules: list[Any]) -> None:
        with replacing(self._parsed) as temporary:
            temporary.write_text(json.dumps({"modules": modules, "seal": _seal(modules)}), encoding="utf-8")

    def _read_parsed(self) -> list[Any]:
        """What an earlier process wrote; nothing of one with another way of reading, or where the file is damaged."""
        try:
            written = read_json(self._parsed)
            return list(written["modules"]) if written["seal"] == _seal(written["modules"]) else []
        except (UserError, RecursionError, TypeError, KeyError):
            return []

    def bytes_of_modules(self) -> dict[str, str]:
        """File and digest of the bytes of each module in this process's digests."""
        files = {file for modules in self._modules.values() for file in modules}
        return {file: bytes_digest(self._root / file) for file in sorted(files)}

    def read(self, digest: str) -> dict[str, str] | None:
        """File and digest of each module that a digest stands for; None where nobody wrote it down."""
        path = self._folder / f"{digest}.json"
        return self._modules.get(digest) or (read_json(path) if path.exists() else None)
