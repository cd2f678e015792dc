"""Of which modules the code of a job consisted: what a digest in Snakemake's records stands for."""

import re
from pathlib import Path

from multipress.core.files import read_json, write_json
from multipress.workflow.code.digest import closure_digest, module_digests


class CodeRecords:
    """Digests of scripts, and files beside the logs that tell of which modules each is made."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Digest the repository ``root``; keep records in ``folder``."""
        self._root, self._folder = root, folder
        self._modules: dict[str, dict[str, str]] = {}

    def digest(self, script: str, without: tuple[str, ...] = ()) -> str:
        """Digest of what a script and its imports mean, but for modules that a job will not come to.

        Raises:
            UserError: an import cannot be followed.
        """
        modules = module_digests(f"workflow_scripts.{script}", self._root, without)
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

    def read(self, digest: str) -> dict[str, str] | None:
        """File and digest of each module that a digest stands for; None where nobody wrote it down."""
        path = self._folder / f"{digest}.json"
        return self._modules.get(digest) or (read_json(path) if path.exists() else None)
