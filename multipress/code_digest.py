"""What a script's code means: a digest over the modules it imports, blind to comments, docstrings and layout.

Snakemake alone does not see an edit in an imported module; with this digest among a rule's params it does, and sees
nothing where the meaning stayed the same.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGES = ("multipress", "workflow_scripts")


def code_digest(module: str, root: Path) -> str:
    """Digest of ``module`` and of all modules of this repository that it imports, directly or not.

    Args:
        module: dotted name, such as ``workflow_scripts.finetune``.
        root: folder that holds the packages.
    """
    lines = [f"{name} {_meaning(root / path)}" for name, path in sorted(import_closure(module, root).items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def import_closure(module: str, root: Path) -> dict[str, Path]:
    """The module and what it imports within this repository: dotted names and paths relative to ``root``."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _module_path(name, root)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += [parent for parent in _parents(name) if parent not in found]
        waiting += _imports(root / path)
    return found


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _module_path(name: str, root: Path) -> Path | None:
    relative = Path(*name.split("."))
    for candidate in (relative.with_suffix(".py"), relative / "__init__.py"):
        if (root / candidate).is_file():
            return candidate
    return None


@cache
def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] in PACKAGES]


@cache
def _meaning(path: Path) -> str:
    tree = _tree(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_text(node: ast.stmt) -> bool:
    """Docstrings, and strings that stand alone to document what is above them."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
