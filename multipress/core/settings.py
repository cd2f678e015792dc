"""What every section of the configuration has in common."""

import re
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\$\w")
_MEANT = "{}\x7f" + "".join(map(chr, range(32)))
"""Characters that mean something else in file names: Snakemake's wildcards, and what no terminal shows."""


class Section(BaseModel):
    """A part of the configuration: unknown keys refused, values immutable, numbers finite and no truth values."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """YAML reads yes, on and true as true, which Python takes for 1."""
        truth = next((item for item in (value if isinstance(value, list) else [value]) if isinstance(item, bool)), None)
        if truth is not None and _is_number(cls.model_fields[str(info.field_name)].annotation):
            raise ValueError(f"{str(truth).lower()} is no number (YAML reads yes, no, on and off so, too): write one")
        return value


def _is_number(annotation: Any) -> bool:
    return (_takes(int, annotation) or _takes(float, annotation)) and not _takes(bool, annotation)


def _takes(kind: type, annotation: Any) -> bool:
    """Whether an annotation such as ``list[int] | None`` names a type."""
    return annotation is kind or any(_takes(kind, argument) for argument in get_args(annotation))


Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""The seeds that all generators of random numbers take."""


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


def _check_path(path: str) -> str:
    if not path.strip():
        raise ValueError("is empty: name a path, or leave the key out")
    if path.startswith("-"):
        raise ValueError(f"{path!r} begins as an option does: rename it")
    if "://" in path:
        raise ValueError(f"{path!r} is an address: name a file or folder of this machine")
    if found := next((character for character in path if character in _MEANT), None):
        raise ValueError(f"{path!r} has {found!r} in it, which means something else in Snakemake's paths: rename it")
    if _VARIABLE.search(path):
        raise ValueError(f"{path!r}: variables are not filled in: write the path itself")
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        raise ValueError(f"{path!r}: the home folder of {path.split('/')[0]} is not known: write it out") from None


UserPath = Annotated[str, AfterValidator(_check_path)]
"""A file or folder that the user names; ``~`` is the home folder."""
