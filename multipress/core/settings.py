"""What every section of the configuration has in common."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")


class Section(BaseModel):
    """A part of the configuration: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


RESERVED = ("pooled", "NA")
"""Words of the analysis' tables: the mean over architectures, and an unknown value."""


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no valid name: use letters, digits and underscores, beginning with a letter or digit"
        )
    if name in RESERVED:
        raise ValueError(f"{name!r} means something else in tables: choose another name")
    return name


Name = Annotated[str, AfterValidator(_check_name)]
"""A task or architecture name: becomes part of paths and commands, so it is kept plain."""
