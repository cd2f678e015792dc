"""What a script's code means: a digest over the modules it imports, blind to comments, documentation and layout.

Snakemake alone does not see an edit in an imported module; with this digest among a rule's params it does, and sees
nothing where the meaning stayed the same.
"""

import ast
import hashlib
import platform
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from multipress.core.errors import UserError

PACKAGES = ("multipress", "workflow_scripts")

_DOCUMENTATION = {"Field": {"description", "examples"}, "add_argument": {"help"}, "Table": {"heading"}}
"""Arguments that only tell people something, by the function that takes them."""
_ALL_DOCUMENTATION = {"add_paths"}
"""Functions that take nothing else by keyword."""
_DYNAMIC = {"importlib", "runpy", "pkgutil", "imp"}
IMPORTING_BY_NAME = "multipress/compression/registry.py"
"""What it imports is not followed: ``roots`` names it."""


def closure_digest(modules: dict[str, str]) -> str:
    """One digest for those of a script's modules."""
    lines = [f"{name} {digest}" for name, digest in sorted(modules.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def module_digests(modules: Sequence[str], root: Path, without: tuple[str, ...] = ()) -> dict[str, str]:
    """The file of each module that ``modules`` consist of, relative to ``root``, and the digest of its meaning.

    Args:
        modules: dotted names, such as ``workflow_scripts.train_step``.
        root: folder that holds the packages.
        without: modules whose import is not followed, because the job will not come to it.

    Raises:
        UserError: an import cannot be followed: it is relative, or made while the code runs.
    """
    return {path.as_posix(): meaning(root / path) for path in import_closure(modules, root, without).values()}


def import_closure(modules: Sequence[str], root: Path, without: tuple[str, ...] = ()) -> dict[str, Path]:
    """The modules and what they import within this repository: dotted names and paths relative to ``root``."""
    found: dict[str, Path] = {}
    seen, waiting = set(without), list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path, imported = _followed(name, root)
        if path:
            found[name] = path
        waiting += imported
    return found


@cache
def _followed(name: str, root: Path) -> tuple[Path | None, list[str]]:
    """The file of a module, None for a name that is no module, and the names that importing it leads to."""
    if path := _module_path(name, root):
        return path, [*_parents(name), *dict.fromkeys(_imports(root / path))]
    package = _module_path(name.rpartition(".")[0], root)
    return None, _imports(root / package, when_asked=True) if package else []


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


@cache
def _module_path(name: str, root: Path) -> Path | None:
    relative = Path(*name.split("."))
    for candidate in (relative.with_suffix(".py"), relative / "__init__.py"):
        if (root / candidate).is_file():
            return candidate
    return None


@cache
def _imports(path: Path, when_asked: bool = False) -> list[str]:
    """What a module imports; ``when_asked``: what a package imports when it is asked for a name that is no module."""
    code = _read(path)
    waits = path.name == "__init__.py"
    imports = code.when_asked if when_asked else code.imports + ([] if waits else code.when_asked)
    for line, imported in imports:
        if not imported:
            raise UserError(f"{path}, line {line}: import by full names, so that edits are noticed")
    names = [name for _, imported in imports for name in imported]
    dynamic = _DYNAMIC & {name.split(".")[0] for name in names if not name.startswith("importlib.metadata")}
    if dynamic and not path.as_posix().endswith(IMPORTING_BY_NAME):
        raise UserError(f"{path} uses {dynamic.pop()}: write imports as statements, so that edits are noticed")
    return [name for name in names if name.split(".")[0] in PACKAGES]


class _Code(NamedTuple):
    """What is asked about the text of a module. Imports are lines and names; none of one that cannot be followed."""

    meaning: str
    content: str
    imports: list[tuple[int, list[str]]]
    when_asked: list[tuple[int, list[str]]]
    """Those in a function ``__getattr__``, which wait in a package until it is asked."""


_CODES: dict[str, _Code] = {}
"""By the digests of their texts: the same text is looked at once, wherever it lies."""


@cache
def _read(path: Path) -> _Code:
    text = path.read_text(encoding="utf-8")
    content = _digest(text)
    if content not in _CODES:
        try:
            _CODES[content] = _code(text)
        except SyntaxError as error:
            error.filename = str(path)
            raise
    return _CODES[content]


def remember(known: Iterable[Sequence[Any]]) -> None:
    """Take what ``answers`` gave to an earlier process of the same ``version``: these texts are not parsed again."""
    for meant, content, imports, when_asked in known:
        _CODES[content] = _Code(meant, content, imports, when_asked)


def answers(paths: Iterable[Path]) -> list[_Code]:
    """What is known of these modules, for ``remember``; JSON can hold it."""
    return [_read(path) for path in paths]


@cache
def version() -> str:
    """Of what answers depend on beside the texts: this module, as it was at the first call, and Python's parser."""
    return f"{_digest(Path(__file__).read_text(encoding='utf-8'))} {platform.python_version()}"


def _code(text: str) -> _Code:
    tree = ast.parse(text)
    _strip_documentation(tree)
    asked = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == "__getattr__"]
    others = [part for part in tree.body if part not in asked]
    imports = ([found for part in parts for found in _imported(part, text)] for parts in (others, asked))
    return _Code(_digest(ast.dump(tree)), _digest(text), *imports)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _imported(part: ast.stmt, text: str) -> Iterator[tuple[int, list[str]]]:
    """The imports in a statement.

    ``import a.b`` also counts as asking ``a`` and ``a.b`` for any name: what is done with them is not followed.
    """
    for node in _statements(part):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield node.lineno, names + [f"{name}.*" for whole in names for name in (whole.split(".")[0], whole)]
        elif isinstance(node, ast.ImportFrom):
            is_whole = not node.level and all(alias.name != "*" for alias in node.names)
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield node.lineno, names if is_whole else []
    if "__import__" in text:
        names_of_part = (node for node in ast.walk(part) if isinstance(node, ast.Name))
        yield from ((node.lineno, ["importlib"]) for node in names_of_part if node.id == "__import__")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and those inside it; imports are no part of expressions, which are most of a module."""
    yield node
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, block, ()):
            yield from _statements(inner)


def _all_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """As ``ast.walk``, in less time: planning reads every module."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, list):
                waiting += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)


def meaning(path: Path) -> str:
    """Digest of what a module means."""
    return _read(path).meaning


def bytes_digest(path: Path) -> str:
    """Digest of the bytes of a module, as they were read for its meaning."""
    return _read(path).content


def _strip_documentation(tree: ast.Module) -> None:
    for node in _all_nodes(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
        elif isinstance(node, ast.Call):
            _strip_arguments(node)


def _strip_arguments(call: ast.Call) -> None:
    """Take the words out of a call whose keywords are documentation."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for keyword in call.keywords:
        is_documentation = name in _ALL_DOCUMENTATION or keyword.arg in _DOCUMENTATION.get(name, ())
        if is_documentation and isinstance(keyword.value, ast.Constant | ast.List):
            keyword.value = ast.Constant("")


def _is_text(node: ast.stmt) -> bool:
    """Docstrings, and strings that stand alone to document what is above them."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
