"""Validate the merged configuration, handed over by Snakemake or read from its files."""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.validation import Locate, explain
from multipress.workflow import configuration_files
from multipress.workflow.configuration import Config, merged, whole_model
from multipress.workflow.environment import ROOT

MODEL = whole_model()


def load(values: dict[str, Any], name: str = "config", locate: Locate = lambda location: None) -> Config:
    """The validated configuration; messages say where ``locate`` finds a value, or call all of it ``name``.

    Raises:
        UserError: a key or value is wrong; the message names it and what is allowed.
    """
    try:
        return MODEL.model_validate(values)
    except ValidationError as error:
        raise UserError(explain(error, MODEL, name, locate)) from None


def load_files(files: Sequence[Path], root: Path = ROOT) -> Config:
    """The validated configuration of files given as Snakemake's ``--configfile``, without Snakemake.

    Args:
        files: Each over those before it.
        root: The repository whose ``config.yaml`` they are laid over.

    Raises:
        UserError: a file cannot be read, or a key or value is wrong; the message says where.
    """
    files = [root / "config.yaml", *files]
    places = configuration_files.read(files, {})
    return load(reduce(merged, map(configuration_files.values_of, files)), locate=places.find)
