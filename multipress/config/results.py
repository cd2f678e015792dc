"""Evaluation and figures."""

from pydantic import Field

from multipress.config.base import Section


class EvaluateSettings(Section):
    """The one evaluator of all models."""

    batch_size: int = Field(64, ge=1, description="Rows in a batch.")


class PlotSettings(Section):
    """Figures."""

    dots_per_inch: int = Field(200, ge=50, le=600, description="Resolution of the PNG files.")
