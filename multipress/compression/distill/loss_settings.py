"""The distillation loss."""

from pydantic import Field

from multipress.core.settings import Section


class DistillationSettings(Section):
    """The distillation loss: recipe kd and all its descendants train with it."""

    temperature: float = Field(
        2.0, gt=0, le=1000, examples=[3.0], description="Softens both distributions; no effect on regression."
    )
    task_weight: float = Field(
        0.5, ge=0, le=1, examples=[0.4], description="Weight of the task loss; the rest is distillation."
    )
    task_weight_augmented: float = Field(
        0.0, ge=0, le=1, examples=[0.2], description="The same for augmented copies; 0: the teacher alone labels them."
    )
