"""Evaluation."""

from pydantic import Field

from multipress.core.settings import Name, Section
from multipress.data.settings.tasks import ClassificationMetric, RegressionMetric


class EvaluateSettings(Section):
    """The one evaluator of all models."""

    batch_size: int = Field(64, ge=1, le=65_536, description="Rows in a batch.")
    metrics: dict[Name, ClassificationMetric | RegressionMetric] = Field(
        {},
        description="Primary metrics of GLUE's tasks other than the paper's, by task.",
        examples=[{"cola": "matthews", "mrpc": "f1"}],
    )
