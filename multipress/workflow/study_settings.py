"""The designed experiment: what is crossed with what, and which models stand beside it."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from multipress.compression.recipes import step
from multipress.core.settings import Name, Section, Seed


def with_present_names(values: dict[str, Any]) -> dict[str, Any]:
    """Files from before still say ``baselines``; what they say comes before config.yaml's own recipes."""
    if "baselines" not in values:
        return values
    return {key: value for key, value in values.items() if key != "baselines"} | {"recipes": values["baselines"]}


class StudySettings(Section):
    """What is crossed with what."""

    tasks: list[Name] = Field(min_length=1, description="GLUE tasks and custom tasks.")
    architectures: list[Name] = Field(min_length=1, description="Architectures to compress.")
    teacher: Name | None = Field(
        None, description="Architecture whose ft model teaches all students; null: the largest of architectures."
    )
    teacher_tries: int = Field(
        1,
        ge=1,
        le=100,
        examples=[3],
        description="Trainings of each teacher with different seeds; the one with the lowest training loss is kept.",
    )
    seeds: list[Seed] = Field(min_length=1, description="Each seed repeats the whole experiment, the teacher included.")
    sparsities: list[float] | None = Field(
        None,
        description="Fractions of the encoder's linear weights to prune, whole percents; null with a cross.",
    )
    bits: list[int] | None = Field(None, description="Bits of quantized weights; null with a cross.")
    cross: list[list[str]] | None = Field(
        None,
        description="Steps to cross, one list for each place in a recipe: one of the first, one or none of the others; "
        "null: [[ft, kd], mp<percent> of sparsities, int<bits> of bits].",
    )
    recipes: list[str] = Field([], description="Further recipes beside the cross, such as ft-ptq8 or ft-l2-int8.")
    controls: bool | list[str] = Field(
        False,
        examples=[True, ["mp0", "int32"]],
        description="Whether to make models trained as long as those of the cross without its compressions; or which, "
        "by their last steps.",
    )

    floors: list[Literal["tfidf"]] = Field(
        [],
        description="Models without an encoder that are scored beside the study, in tables/floors.csv: tfidf, logistic "
        "or ridge regression on TF-IDF of words and pairs of words.",
    )

    @model_validator(mode="before")
    @classmethod
    def _former_name(cls, values: Any) -> Any:
        return with_present_names(values) if isinstance(values, dict) else values

    @field_validator("tasks", "architectures", "seeds", "sparsities", "bits", "recipes", "controls", "floors")
    @classmethod
    def _unique(cls, values: list[Any] | bool | None) -> list[Any] | bool | None:
        if isinstance(values, list) and len(set(values)) != len(values):
            raise ValueError(f"{values} names something twice: remove the repetition")
        return values

    @field_validator("controls", mode="before")
    @classmethod
    def _true_or_steps(cls, value: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, list) and all(isinstance(name, str) for name in value)):
            return value
        if value in ("true", "false"):  # of the command line
            return value == "true"
        raise ValueError(f"{value!r} is neither true or false nor a list of steps, such as [mp0, int32]")

    @field_validator("sparsities")
    @classmethod
    def _sparsities(cls, sparsities: list[float] | None) -> list[float] | None:
        for sparsity in sparsities or []:
            if not 0 < sparsity < 1 or abs(100 * sparsity - round(100 * sparsity)) > 1e-9:
                raise ValueError(f"sparsity {sparsity}: use a fraction between 0 and 1 in whole percents, such as 0.4")
        return sparsities

    @field_validator("bits")
    @classmethod
    def _bits(cls, bits: list[int] | None) -> list[int] | None:
        for width in bits or []:
            try:
                found = step(f"int{width}")
            except ValueError as error:
                raise ValueError(f"bits {width}: {error}") from None
            if found.is_control:
                raise ValueError(f"bits {width}: {found.name} compresses nothing: put its models into study.recipes")
        return bits

    @model_validator(mode="after")
    def _one_form(self) -> "StudySettings":
        short = {"sparsities": self.sparsities, "bits": self.bits}
        if self.cross is None and (missing := [name for name, values in short.items() if values is None]):
            raise ValueError(f"{missing[0]} is missing: name some, or [], or write a cross")
        if self.cross is not None and (both := [name for name, values in short.items() if values is not None]):
            raise ValueError(f"cross takes the place of {' and '.join(both)}: set {' and '.join(both)} to null")
        return self

    @property
    def groups(self) -> list[list[str]]:
        """The steps that are crossed, one list for each place in a recipe."""
        if self.cross is not None:
            return self.cross
        pruned = [f"mp{round(100 * sparsity)}" for sparsity in self.sparsities or []]
        return [["ft", "kd"], pruned, [f"int{width}" for width in self.bits or []]]


class Variant(Section):
    """A step with other settings, under a name of its own."""

    step: str = Field(description="The step that it varies, such as kd or mp60.")
    set: dict[str, Any] = Field(min_length=1, description="Keys of the method's section and their values here.")
