"""What the project must know about a task."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.config.base import Section

ClassificationMetric = Literal["accuracy", "f1", "matthews"]
RegressionMetric = Literal["pearson", "spearman"]


class TaskSpec(Section):
    """One task: its columns, its kind and its primary metric."""

    kind: Literal["classification", "regression"] = Field(description="Predict one of a few labels, or a number.")
    text_columns: list[str] = Field(min_length=1, max_length=2, description="One text column, or the two of a pair.")
    label_column: str = Field("label", description="Column with the label.")
    metric: ClassificationMetric | RegressionMetric = Field(description="Primary metric; the score is 100 times it.")
    labels: list[str] | None = Field(
        None, description="Label names in the order of their ids; null: taken from the training rows."
    )
    label_range: tuple[float, float] | None = Field(
        None, description="Smallest and largest label of a regression task."
    )
    folder: str | None = Field(None, description="Folder of this task's files; null: data.folder/<task>.")
    splits: dict[str, str] = Field(
        {"train": "train", "dev": "validation"},
        description="Our split name to the source's; further dev sets are named dev_<name>.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "TaskSpec":
        regression = self.kind == "regression"
        if regression != (self.metric in ("pearson", "spearman")):
            allowed = "pearson or spearman" if regression else "accuracy, f1 or matthews"
            raise ValueError(f"metric {self.metric!r} does not suit {self.kind}: use {allowed}")
        if not {"train", "dev"} <= set(self.splits):
            raise ValueError("splits must name at least train and dev")
        for split in self.splits:
            if split not in ("train", "dev") and not (split.startswith("dev_") and split[4:].isidentifier()):
                raise ValueError(f"split {split!r}: further dev sets are named dev_<name>")
        if regression and self.labels is not None:
            raise ValueError("a regression task has no label names: remove labels")
        if self.labels is not None and len(set(self.labels)) < max(2, len(self.labels)):
            raise ValueError("labels must be at least two different names")
        return self

    @property
    def dev_splits(self) -> list[str]:
        """The dev splits, the primary one first."""
        return ["dev", *sorted(split for split in self.splits if split.startswith("dev_"))]
