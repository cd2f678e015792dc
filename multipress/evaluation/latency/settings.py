"""Measurements of latency."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from multipress.core.settings import Name, Section, Seed

Rows = Annotated[int, Field(ge=1, le=1024)]
Tokens = Annotated[int, Field(ge=2, le=512)]
"""At most as many as a BERT has positions."""

LEAST_REPETITIONS = 5
"""Of every point, however long it takes: below, a percentile means nothing."""


class TurnSettings(Section):
    """How calls are timed."""

    threads: int = Field(1, ge=1, le=1024, description="CPU threads of a model.")
    repetitions: int = Field(
        30, ge=LEAST_REPETITIONS, le=100_000, description="Timed calls of each model, batch size and length."
    )
    warmup: int = Field(3, ge=1, le=100_000, description="Calls before them that are not timed.")
    seconds: float = Field(
        20, gt=0, le=86_400, description="What these may take together; five calls are timed in any case."
    )


class MeasuringSettings(TurnSettings):
    """What a job measures, and how."""

    batch_sizes: list[Rows] = Field([1, 32], min_length=1, description="Rows of a batch.")
    lengths: list[Tokens] = Field([128], description="Tokens of each row; the rows are random.")
    task_lengths: bool = Field(True, description="Measure rows of the dev set, too, padded to the batch's longest.")

    @field_validator("batch_sizes", "lengths")
    @classmethod
    def _unique(cls, values: list[Any]) -> list[Any]:
        if len(set(values)) != len(values):
            raise ValueError(f"{values} names something twice: remove the repetition")
        return values


class LayerBatch(Section):
    """The batch that the parts of layers are timed on, for steps that prune to a speed."""

    batch: Rows = Field(1, description="Rows of the batch.")
    length: Tokens = Field(128, description="Tokens of each row; the rows are random.")


class LatencySettings(MeasuringSettings):
    """What is measured, and of which models."""

    tasks: list[Name] = Field([], description="Tasks whose models are measured; without any there is no measurement.")
    seeds: list[Seed] | None = Field(None, min_length=1, description="Their seeds; null: the study's first.")
    layers: LayerBatch = LayerBatch()

    @field_validator("tasks", "seeds")
    @classmethod
    def _named_once(cls, values: list[Any] | None) -> list[Any] | None:
        return None if values is None else cls._unique(values)
