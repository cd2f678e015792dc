"""The form of a task's rows: all that preparing and learning it takes."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.core.settings import Section
from multipress.data.names import normal_label, normal_name, two_spellings


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
    def _columns_differ(self) -> "RowFormat":
        texts = [normal_name(name) for name in self.text_columns]
        if len(set(texts)) < len(texts):
            raise ValueError(f"text_columns names {texts[0]!r} twice: name two columns, or one")
        if normal_name(self.label_column) in texts:
            raise ValueError(f"label_column {self.label_column!r} is a text column, too: the text would be the answer")
        return self

    @model_validator(mode="after")
    def _labels_suit(self) -> "RowFormat":
        if self.kind == "regression" and self.labels is not None:
            raise ValueError("a regression task has no label names: remove labels")
        if self.label_range is not None and self.label_range[0] >= self.label_range[1]:
            raise ValueError(f"label_range {list(self.label_range)} must name the smallest label, then the largest")
        if self.labels is None:
            return self
        names = [normal_label(name) for name in self.labels]
        if len(set(names)) < max(2, len(names)) or not all(names):
            raise ValueError("labels must be at least two different names")
        if same := two_spellings(names):
            raise ValueError(f"labels {same[0]!r} and {same[1]!r} differ by spelling alone: use different names")
        return self
