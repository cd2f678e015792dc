"""Validate the merged configuration that Snakemake hands over."""

from typing import Any

from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.validation import Locate, explain
from multipress.workflow.configuration import Config, whole_model

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
