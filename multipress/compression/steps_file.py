"""What a checkpoint says of the steps that made it: ``steps.json`` beside its weights."""

from functools import reduce
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.settings import Section
from multipress.core.validation import explain
from multipress.model.checkpoints import STEPS_FILE


class TrainedFor(Section):
    """How long a step trained, or all steps of a model; 0 where none did."""

    steps: int = Field(0, ge=0, description="Steps of the optimizer.")
    rows_seen: int = Field(0, ge=0, description="Training rows in those steps, each as often as it was read.")
    compute: int = Field(0, ge=0, description="Rows seen times the model's parameters outside the embeddings.")

    def and_then(self, other: "TrainedFor") -> "TrainedFor":
        """Both, one after the other."""
        return TrainedFor(
            steps=self.steps + other.steps,
            rows_seen=self.rows_seen + other.rows_seen,
            compute=self.compute + other.compute,
        )


class StepRecord(Section):
    """One step, as it was applied."""

    name: str = Field(description="As in the recipe.")
    method: str = Field(description="The folder of its method.")
    sparsity: float = Field(0.0, ge=0, lt=1, description="Fraction of the encoder's weights that are zero.")
    bits: int = Field(32, ge=1, le=32, description="Bits of a weight since this step.")
    index_bits: int = Field(
        0, ge=0, le=32, description="Bits that say where a weight lies, for each one that is not zero; 0: no pattern."
    )
    structure: dict[str, Any] | None = Field(None, description="What rebuilding its layers takes; None: nothing.")
    trained: TrainedFor | None = Field(None, description="How long it trained; None where nobody noted it.")


class ModelSteps(Section):
    """The steps of a model, in order."""

    version: Literal[1] = 1
    steps: list[StepRecord] = []

    @property
    def sparsity(self) -> float:
        """Fraction of the encoder's weights that pruning set to zero."""
        return max((step.sparsity for step in self.steps), default=0.0)

    @property
    def bits(self) -> int:
        """Bits of a weight of the backbone."""
        return min((step.bits for step in self.steps), default=32)

    @property
    def index_bits(self) -> int:
        """Bits that say where each encoder's weight lies that is not zero, if the zeros have a pattern."""
        return max((step.index_bits for step in self.steps), default=0)

    @property
    def trained(self) -> TrainedFor | None:
        """How long all steps trained; None where that of any is not known, or there are none."""
        known = [step.trained for step in self.steps if step.trained]
        return reduce(TrainedFor.and_then, known) if known and len(known) == len(self.steps) else None

    def followed_by(self, step: StepRecord) -> "ModelSteps":
        """These steps and one more."""
        return ModelSteps(steps=[*self.steps, step])


def read_steps(folder: Path) -> ModelSteps:
    """The steps of a checkpoint; none where it has no steps.json, as other people's models.

    Raises:
        UserError: the file is damaged or of another version.
    """
    file = folder / STEPS_FILE
    if not file.exists():
        return _without_file(folder)
    try:
        return ModelSteps.model_validate(read_json(file))
    except ValidationError as error:
        raise UserError(explain(error, ModelSteps, str(file))) from None


def _without_file(folder: Path) -> ModelSteps:
    if (folder / "quantization.json").exists():
        raise UserError(f"{folder} has quantization.json and no {STEPS_FILE}: an older version made it; rerun its rule")
    return ModelSteps()
