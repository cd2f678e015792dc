"""What the project must know about a task."""

from typing import Literal, get_args

from pydantic import Field, model_validator

from multipress.core.settings import UserPath
from multipress.data.settings.rows import RowFormat

ClassificationMetric = Literal["accuracy", "f1", "matthews"]
RegressionMetric = Literal["pearson", "spearman"]


def unsuitable(kind: str, metric: str) -> str:
    """Why a metric is none of this kind of task, and which are; empty if it is one."""
    allowed = RegressionMetric if kind == "regression" else ClassificationMetric
    *others, last = get_args(allowed)
    if metric in (*others, last):
        return ""
    return f"metric {metric!r} does not suit {kind}: use {', '.join(others)} or {last}"


class TaskSpec(RowFormat):
    """One task: the form of its rows, its primary metric, and its files."""

    metric: ClassificationMetric | RegressionMetric = Field(description="Primary metric; the score is 100 times it.")
    folder: UserPath | None = Field(None, description="Folder of this task's files; null: data.folder/<task>.")
    splits: dict[str, UserPath] = Field(
        {"train": "train", "dev": "validation"},
        description="Our split name to the source's; further dev sets are named dev_<name>.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "TaskSpec":
        if problem := unsuitable(self.kind, self.metric):
            raise ValueError(problem)
        if not {"train", "dev"} <= set(self.splits):
            raise ValueError("splits must name at least train and dev")
        for split in self.splits:
            if split != "train" and self.splits[split] == self.splits["train"]:
                raise ValueError(f"splits: train and {split} are both {self.splits[split]!r}: use other rows for one")
            if split not in ("train", "dev") and not (split.startswith("dev_") and split[4:].isidentifier()):
                raise ValueError(f"split {split!r}: further dev sets are named dev_<name>")
        return self

    @property
    def dev_splits(self) -> list[str]:
        """The dev splits, the primary one first."""
        return ["dev", *sorted(split for split in self.splits if split.startswith("dev_"))]
