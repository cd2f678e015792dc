"""Which columns of a file are meant by the names of a task."""

from collections.abc import Callable, Sequence
from pathlib import Path

from multipress.core.errors import UserError
from multipress.data.names import normal_name


def chosen(
    path: Path, wanted: Sequence[str], required: Sequence[str], header: Sequence[str], place: Callable[[int], str]
) -> dict[str, int]:
    """The index of each wanted column that a header has; names are compared in their normal form.

    Args:
        path: The file.
        wanted: Names of columns.
        required: Those of them that must be there.
        header: The file's names.
        place: Where the name with an index stands.

    Raises:
        UserError: there is no header, a required column is missing, or a wanted one occurs twice.
    """
    if not header:
        raise UserError(f"{path} is empty: add a header and rows, or remove the split")
    names = [normal_name(name) for name in header]
    for name in required:
        if normal_name(name) not in names:
            raise UserError(
                f"{path} has no column {name!r}: it has {', '.join(names)}; rename one, or change the task's columns"
            )
    indices = {}
    for name in wanted:
        found = [index for index, other in enumerate(names) if other == normal_name(name)]
        if len(found) > 1:
            raise UserError(f"{path}, {place(found[1])}: {name!r} names a second column; rename one of them")
        if found:
            indices[name] = found[0]
    return indices
