"""Evaluation."""

from pydantic import Field

from multipress.core.settings import Section


class EvaluateSettings(Section):
    """The one evaluator of all models."""

    batch_size: int = Field(64, ge=1, le=65_536, description="Rows in a batch.")
