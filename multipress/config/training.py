"""Settings of the four training stages."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.config.base import Section


class TrainingSettings(Section):
    """Optimization: AdamW, linear warm-up and decay, clipping."""

    epochs: float = Field(3.0, gt=0, description="Passes over the training rows.")
    batch_size: int = Field(32, ge=1, description="Rows in a step.")
    learning_rate: float = Field(5e-5, gt=0, lt=1, description="Peak learning rate.")
    warmup_fraction: float = Field(0.1, ge=0, lt=1, description="Share of steps with a rising learning rate.")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's weight decay; none on biases and LayerNorm.")
    max_grad_norm: float = Field(1.0, gt=0, description="Gradient norm clipping.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout of hidden states, attention and classifier.")


class FinetuneSettings(TrainingSettings):
    """Recipe ft: the task loss alone. The teacher is such a model."""


class DistillationSettings(Section):
    """The distillation loss: recipe kd and all its descendants train with it."""

    temperature: float = Field(2.0, gt=0, description="Softens both distributions; no effect on regression.")
    task_weight: float = Field(0.5, ge=0, le=1, description="Weight of the task loss; the rest is distillation.")


class DistillSettings(TrainingSettings, DistillationSettings):
    """Recipe kd: the teacher's logits on original and augmented rows."""


class PruneSettings(TrainingSettings):
    """Recipe step mp<percent>: magnitude pruning of the encoder's linear weights."""

    scope: Literal["layer", "global"] = Field("layer", description="Rank magnitudes within each matrix, or over all.")
    ramp_start: float = Field(0.1, ge=0, lt=1, description="Share of steps before sparsity begins to rise.")
    ramp_end: float = Field(0.7, gt=0, le=1, description="Share of steps at which the final sparsity is reached.")
    update_every: int = Field(10, ge=1, description="Steps between two updates of the mask on the ramp.")

    @model_validator(mode="after")
    def _ordered(self) -> "PruneSettings":
        if self.ramp_start >= self.ramp_end:
            raise ValueError(f"ramp_start {self.ramp_start} must be below ramp_end {self.ramp_end}")
        return self


class QuantizeSettings(TrainingSettings):
    """Recipe step int<bits>: quantization-aware training."""

    activation_bits: Literal[8, 16] = Field(8, description="Bits of activations.")
    observer_decay: float = Field(0.9999, gt=0, lt=1, description="Decay of the moving average of activation ranges.")
    weight_granularity: Literal["tensor", "channel"] = Field("tensor", description="One scale a matrix or one a row.")
