"""What the settings of all methods that train have in common."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from multipress.core.settings import Section


class TrainingSettings(Section):
    """Optimization but for the learning rate: AdamW, linear warm-up and decay, clipping; which rows, which loss."""

    epochs: float = Field(3.0, gt=0, le=10_000, examples=[2.5], description="Passes over the training rows.")
    batch_size: int = Field(32, ge=1, le=65_536, examples=[16], description="Rows in a step.")
    warmup_fraction: float = Field(
        0.1, ge=0, lt=1, examples=[0.2], description="Share of steps with a rising learning rate."
    )
    weight_decay: float = Field(
        0.01, ge=0, le=10, examples=[0.02], description="AdamW's weight decay; none on biases and LayerNorm."
    )
    max_grad_norm: float = Field(1.0, gt=0, le=1e6, examples=[2.0], description="Gradient norm clipping.")
    dropout: float = Field(
        0.1, ge=0, lt=1, examples=[0.3], description="Dropout of hidden states, attention and classifier."
    )
    augment: bool | Literal["auto"] = Field(
        "auto",
        examples=[True],
        description="Train on the augmented rows, too; auto: as the step before, and a first step only with a teacher.",
    )
    epochs_over: Literal["own", "augmented"] = Field(
        "own",
        examples=["augmented"],
        description="Rows that an epoch counts: those that are read, or the augmented ones in any case.",
    )
    objective: Literal["auto", "task", "logits", "features"] = Field(
        "auto",
        examples=["task"],
        description="For this step and all after it: task, the labels alone; logits, as distill; features, as "
        "distill_features; auto: as its method or the step before.",
    )


class StartSettings(TrainingSettings):
    """A training from an encoder."""

    learning_rate: float = Field(5e-5, gt=0, lt=1, examples=[3e-5], description="Peak learning rate.")


class LaterSettings(TrainingSettings):
    """A training that goes on from a trained model: its learning rate, or what part it is of the first training's."""

    learning_rate: float | None = Field(
        None, gt=0, lt=1, examples=[3e-5], description="Peak learning rate; null: the factor says it."
    )
    learning_rate_factor: float | None = Field(
        1.0,
        gt=0,
        le=1000,
        examples=[0.7],
        description="Times the learning rate of the recipe's first step, for the same task and architecture; null: "
        "learning_rate says it.",
    )

    @model_validator(mode="before")
    @classmethod
    def _rate_alone(cls, values: Any) -> Any:
        """A rate without a word of the factor takes its place."""
        return with_one_rate(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _one_rate(self) -> "LaterSettings":
        given = [self.learning_rate, self.learning_rate_factor]
        if given.count(None) != 1:
            how = "both set" if all(given) else "both null"
            raise ValueError(f"learning_rate and learning_rate_factor are {how}: set one, and the other to null")
        return self


_FORMS = {"learning_rate": "learning_rate_factor", "learning_rate_factor": "learning_rate"}


def with_one_rate(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes that set a rate or a factor, with null for the other one, unless they say something of it."""
    set_to_null = {_FORMS[key]: None for key in _FORMS.keys() & changes.keys() if changes[key] is not None}
    return set_to_null | dict(changes)
