"""Of which modules the code of a job consisted: what a digest in Snakemake's records stands for."""

import re
from collections.abc import Sequence
from pathlib import Path

from multipress.core.files import read_json, write_json
from multipress.workflow.code.digest import bytes_digest, closure_digest, module_digests
from multipress.workflow.code.parsed import ParsedModules

_READER_OF_NAMES = "multipress/compression/recipes.py"
_CHECK = "multipress.workflow.code.plan"
"""Only says whether a job may run."""


class CodeRecords:
    """Digests of scripts, and files beside the logs that tell of which modules each is made."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Digest the repository ``root``; keep records in ``folder``."""
        self._root, self._folder = root, folder
        self._modules: dict[str, dict[str, str]] = {}
        self._digests: dict[tuple[str, ...], str] = {}
        self._parsed = ParsedModules(folder / "parsed.json")

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
        self._parsed.keep(self._root / file for file in self.bytes_of_modules())

    def bytes_of_modules(self) -> dict[str, str]:
        """File and digest of the bytes of each module in this process's digests."""
        files = {file for modules in self._modules.values() for file in modules}
        return {file: bytes_digest(self._root / file) for file in sorted(files)}

    def read(self, digest: str) -> dict[str, str] | None:
        """File and digest of each module that a digest stands for; None where nobody wrote it down."""
        path = self._folder / f"{digest}.json"
        return self._modules.get(digest) or (read_json(path) if path.exists() else None)
