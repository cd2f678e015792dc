"""The loss of feature distillation."""

from pydantic import Field

from multipress.core.settings import Section


class FeatureSettings(Section):
    """The loss of feature distillation: recipe fkd and all its descendants train with it."""

    teacher: str | None = Field(
        None,
        examples=["micro"],
        description="Architecture whose ft model is the teacher, of the same width; null: the student's own.",
    )
    temperature: float = Field(
        1.0, gt=0, le=1000, examples=[2.0], description="Softens both distributions; no effect on regression."
    )
    logits_weight: float = Field(1.0, ge=0, le=1e6, examples=[0.5], description="Weight of the logits' distance.")
    hidden_weight: float = Field(
        1.0, ge=0, le=1e6, examples=[0.5], description="Weight of the hidden states' squared distances, layer by layer."
    )
    attention_weight: float = Field(
        1.0, ge=0, le=1e6, examples=[0.5], description="Weight of the attention scores' squared distances."
    )
