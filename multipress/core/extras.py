"""Extras of the package: what some commands import and its base does not bring."""

from multipress.core.errors import UserError


def missing(error: ModuleNotFoundError, extra: str) -> UserError:
    """The user's mistake behind an import that failed: ``extra`` is not installed.

    Raises:
        ModuleNotFoundError: the module is one of this package, which no extra brings.
    """
    module = (error.name or "").partition(".")[0]
    if module == "multipress":
        raise error
    return UserError(f"this needs {module}, which is not installed: pip install 'multipress[{extra}]'")
