"""Configuration files as they were written: where each key stands, and what Snakemake's reader changes without a word.

Of a key that stands twice in a section Snakemake takes the last one; YAML 1.1 reads ``010`` as 8 and ``1:30`` as 90.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from multipress.core.errors import UserError
from multipress.workflow.places import Key, Mark, Places

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_MEANINGS = {"bool": "true or false", "null": "no value", "int": "a number", "float": "a number", "timestamp": "a date"}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_BASE_60 = re.compile(r"[-+]?\d[\d_]*(:\d+)+(\.[\d_]*)?")


def read(files: Iterable[Path], command_line: Mapping[str, Any]) -> Places:
    """The places of all values, each file over those before it, and the command line over all.

    Raises:
        UserError: a file cannot be read, has a key twice in one section, or a number that is read as another one.
    """
    places = Places()
    for file in files:
        nodes = dict(_walk(_Shown(file), (), _composed(file)))
        marks = {key: Mark(_Shown(file).place(node.start_mark), _text(node), file) for key, node in nodes.items()}
        places.add(marks, [key for key, node in nodes.items() if isinstance(node, yaml.SequenceNode)])
    values = dict(_values((), command_line))
    marks = {key: Mark("--config", None, None) for key in values}
    places.add(marks, [key for key, value in values.items() if isinstance(value, list)])
    return places


_NULLS = ("null", "Null", "NULL", "~", "None")
"""As YAML and Python write it."""


def with_nulls(values: Mapping[str, Any], command_line: Mapping[str, Any]) -> dict[str, Any]:
    """The merged values, in which a null of the command line is none, as in a file: Snakemake leaves it a text.

    Items of lists stay texts: they may be names of labels.
    """
    result = dict(values)
    for key, given in command_line.items():
        result[key] = _with_nulls(values.get(key), given)
    return result


def _with_nulls(value: Any, given: Any) -> Any:
    """A merged value, of which the command line gave this."""
    if isinstance(given, Mapping) and isinstance(value, Mapping):
        return with_nulls(value, given)
    if isinstance(given, list) and given == value:
        return [_with_nulls(item, item) if isinstance(item, Mapping) else item for item in given]
    return None if isinstance(given, str) and given in _NULLS else value


def values_of(file: Path) -> dict[str, Any]:
    """The values of a file.

    Raises:
        UserError: it cannot be read.
    """
    node = _composed(file)
    try:
        values: dict[str, Any] = yaml.SafeLoader("").construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{_Shown(file).name}: no valid YAML: {' '.join(str(error).split())}") from None
    return values


def check_entries(arguments: Iterable[str]) -> None:
    """Check the sections that a command line gives after ``--config``, as in ``study={'seeds': [1]}``.

    Raises:
        UserError: a key stands twice in one of them.
    """
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name.isidentifier() and value.startswith("{"):
            try:
                node = yaml.compose(value, Loader=yaml.BaseLoader)
            except yaml.YAMLError:
                continue  # a text to Snakemake, which is refused as such
            list(_walk(_Shown(Path(f"--config {name}")), (), node))


class _Shown:
    """A file as messages name it: from the working directory, if it lies there."""

    def __init__(self, file: Path) -> None:
        self.name = str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)

    def place(self, mark: yaml.Mark) -> str:
        return f"{self.name}, line {mark.line + 1}, column {mark.column + 1}"


def _text(node: yaml.Node) -> str | None:
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _composed(file: Path) -> yaml.Node:
    """The file's outermost section."""
    shown = _Shown(file)
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"configuration file {shown.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{shown.name}, line {line}: not UTF-8 ({error.reason}); convert the file to UTF-8") from None
    try:
        node = yaml.compose(_without_tabs(text), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        where = shown.place(error.problem_mark) if error.problem_mark else shown.name
        raise UserError(f"{where}: no valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{shown.name}: no valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{shown.name} has no keys: a configuration file begins with a section, such as study:")
    return node


def _without_tabs(text: str) -> str:
    """JSON as YAML: it may be indented with tabs, and has none within texts."""
    try:
        json.loads(text)
    except ValueError:
        return text
    return text.replace("\t", " ")


def _walk(file: _Shown, key: Key, node: yaml.Node, around: tuple[int, ...] = ()) -> Iterator[tuple[Key, yaml.Node]]:
    """Each key below a node and the node of its value, a later one over an equal one before it."""
    if id(node) in around:
        raise UserError(f"{file.place(node.start_mark)}: contains itself by its anchor; write the values out")
    around = (*around, id(node))
    if isinstance(node, yaml.MappingNode):
        _check_keys(file, node)
        for merged in _merged(node):
            yield from _walk(file, key, merged, around)
        own = [(name.value, value) for name, value in node.value if not _is_merge(name)]
    elif isinstance(node, yaml.SequenceNode):
        own = list(enumerate(node.value))
    else:
        _check_value(file, node)
        own = []
    for name, value in own:
        yield (*key, name), value
        yield from _walk(file, (*key, name), value, around)


def _is_merge(name: yaml.Node) -> bool:
    return bool(name.tag == f"{_TAG}merge")


def _merged(section: yaml.MappingNode) -> list[yaml.Node]:
    """The sections that merge keys (<<) name, the first of a list last: it takes precedence."""
    named = [value for name, value in section.value if _is_merge(name)]
    lists = [value.value[::-1] if isinstance(value, yaml.SequenceNode) else [value] for value in named]
    return [node for nodes in lists for node in nodes]


def _check_keys(file: _Shown, section: yaml.MappingNode) -> None:
    """Refuse keys that are no texts, and those that stand twice."""
    lines: dict[str, int] = {}
    for name, _ in section.value:
        place, kind = file.place(name.start_mark), name.tag.removeprefix(_TAG)
        if not isinstance(name, yaml.ScalarNode):
            raise UserError(f"{place}: a list or section stands for a key; a key is a text")
        if kind in _MEANINGS:
            raise UserError(f'{place}: the key {name.value} is read as {_MEANINGS[kind]}: write "{name.value}"')
        if name.value in lines:
            before = f"after line {lines[name.value]}"
            raise UserError(
                f"{place}: {name.value} stands here again, {before}, and only the last would count; make one of both"
            )
        lines[name.value] = name.start_mark.line + 1


def _check_value(file: _Shown, node: yaml.ScalarNode) -> None:
    """Refuse numbers that are read as others than they seem to be, and dates that are none."""
    kind = node.tag.removeprefix(_TAG)
    if kind == "timestamp":
        _check_date(file, node)
    elif kind in ("int", "float"):
        _check_number(file, node)


def _check_date(file: _Shown, node: yaml.ScalarNode) -> None:
    try:
        yaml.SafeLoader("").construct_object(node)
    except ValueError as error:
        place = file.place(node.start_mark)
        raise UserError(f'{place}: {node.value} is read as a date ({error}): write "{node.value}"') from None


def _check_number(file: _Shown, node: yaml.ScalarNode) -> None:
    if _OCTAL.fullmatch(node.value):
        seeming, read = node.value.replace("_", ""), int(node.value.replace("_", ""), 8)
        how = f"in base 8, as {read}: write {int(seeming)} or {read}"
    elif _BASE_60.fullmatch(node.value):
        how = "in base 60: write the number itself"
    else:
        return
    place = file.place(node.start_mark)
    raise UserError(f'{place}: YAML reads {node.value} {how}, or "{node.value}" for a text')


def _values(key: Key, values: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    for name, value in values.items():
        yield (*key, name), value
        if isinstance(value, Mapping):
            yield from _values((*key, name), value)
