"""The form of a task's rows: all that preparing and learning it takes."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.core.settings import Section


class RowFormat(Section):
    """Columns and labels of a task."""

    kind: Literal["classification", "regression"] = Field(description="Predict one of a few labels, or a number.")
    text_columns: list[str] = Field(min_length=1, max_length=2, description="One text column, or the two of a pair.")
    label_column: str = Field("label", description="Column with the label.")
    labels: list[str] | None = Field(
        None, description="Label names in the order of their ids; null: taken from the training rows."
    )
    label_range: tuple[float, float] | None = Field(
        None, description="Smallest and largest label of a regression task."
    )

    @model_validator(mode="after")
    def _labels_suit(self) -> "RowFormat":
        if self.kind == "regression" and self.labels is not None:
            raise ValueError("a regression task has no label names: remove labels")
        if self.labels is not None and len(set(self.labels)) < max(2, len(self.labels)):
            raise ValueError("labels must be at least two different names")
        if self.label_range is not None and self.label_range[0] >= self.label_range[1]:
            raise ValueError(f"label_range {list(self.label_range)} must name the smallest label, then the largest")
        return self
