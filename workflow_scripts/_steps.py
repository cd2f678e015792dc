"""What the scripts share that make a model by one step of a recipe: their params, and where they start and end."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from multipress.compression.implementations import objective_of, settings_class
from multipress.compression.method import Group
from multipress.compression.rebuild import open_checkpoint
from multipress.compression.registry import loss_method, methods
from multipress.compression.step_work import Applied
from multipress.compression.steps_file import ModelSteps, StepRecord, TrainedFor, read_steps
from multipress.core.errors import UserError
from multipress.core.files import stable_seed
from multipress.core.settings import Section
from multipress.core.validation import explain
from multipress.model import checkpoints
from multipress.model.bert import BertClassifier
from multipress.model.build import computing_parameters
from multipress.model.shape import ArchitectureSpec
from multipress.training.objectives import Objective, task_objective


class Params(Section):
    """The settings of a rule that makes models: which one, and by which step."""

    task: str
    arch: str
    seed: int
    recipe: str
    method: str
    argument: int
    """Of the step; 0 where the method has none."""
    settings: dict[str, Any]
    """Of the method's settings class."""
    inherited: dict[str, dict[str, Any]] = {}
    """Settings of earlier steps that this one uses, too, by their methods."""
    architecture: ArchitectureSpec | None = None
    """Of a first step, which starts from an encoder."""
    tries: int = Field(1, ge=1)
    """Trainings with different seeds, of which the one with the lowest training loss is the model."""

    @property
    def seed_of_model(self) -> int:
        """Everything random in the making of a model follows from it: head, dropout, order of the rows.

        Models that are compared share it, so that their differences carry little noise but their own: all that start
        from the encoder, and all that one method makes, whatever the steps before it.
        """
        spec = methods().get(self.method)
        is_start = spec is not None and spec.group == Group.START
        return stable_seed(self.seed, self.task, self.arch, "start" if is_start else self.method)

    def seed_of_try(self, number: int) -> int:
        """The seed of one of several tries, from 0; the first has the seed that a single one has."""
        return stable_seed(self.seed_of_model, "try", number) if number else self.seed_of_model

    def read_settings(self) -> Any:
        """The method's settings.

        Raises:
            UserError: a key or value is wrong.
        """
        model = settings_class(self.method)
        try:
            settings = model.model_validate(self.settings)
        except ValidationError as error:
            raise UserError(explain(error, model, "--params: settings")) from None
        if getattr(settings, "learning_rate", 0.0) is None:
            raise UserError("--params: settings: learning_rate is null: a job takes the number, and no factor")
        return settings

    def objective(self, steps: ModelSteps, kind: str, teacher: BertClassifier | None = None) -> Objective:
        """What the model trains for: the objective of its last step that has one or says so, else the task loss."""
        known = self.inherited | {self.method: self.settings}
        for method in reversed([*(step.method for step in steps.steps), self.method]):
            settings = known.get(method, {})
            chosen = settings.get("objective", "auto")
            if chosen == "task":
                return task_objective(kind)
            if chosen != "auto":
                method = loss_method(chosen).name
            if found := objective_of(method, kind, known.get(method, {}), teacher):
                return found
        return task_objective(kind)

    def check(self, trains: bool) -> None:
        """Whether the method makes such a step, and the script such a model.

        Raises:
            UserError: no.
        """
        method = methods().get(self.method)
        if method is None:
            raise UserError(f"--params: there is no method {self.method!r}; known are {', '.join(methods())}")
        if method.trains != trains:
            script = "train_step" if method.trains else "convert_step"
            raise UserError(f"--params: {self.method} is a method of workflow_scripts.{script}")
        if not method.allows(self.argument):
            raise UserError(f"--params: argument {self.argument} of {self.method}: use {method.allowed}")

    def check_parent(self, steps: ModelSteps, folder: Path) -> None:
        """Whether a parent was made by the recipe's steps but the last, in an order that this one may follow.

        Raises:
            UserError: no, or a step is of a method that is not here.
        """
        made, expected = "-".join(step.name for step in steps.steps), self.recipe.rpartition("-")[0]
        if made != expected:
            raise UserError(
                f"{folder}: steps.json has the recipe {made or '(none)'}, but the parent of {self.recipe} is "
                f"{expected or '(none)'}: make the parent again, or name another --parent"
            )
        if unknown := [step for step in steps.steps if step.method not in methods()]:
            raise UserError(
                f"{folder}: steps.json: step {unknown[0].name} is of {unknown[0].method!r}, which is no method here: "
                "make the parent again"
            )
        method = methods()[self.method]
        if not all(method.may_follow(methods()[step.method]) for step in steps.steps):
            raise UserError(f"--params: a step of {self.method} cannot follow those of {made}")
        for step in steps.steps:
            if reason := method.refuses.get(step.method) or methods()[step.method].forbids(method):
                raise UserError(f"--params: a step of {self.method} cannot follow {step.name}, for {reason}")

    def record(self, applied: Applied, model: BertClassifier) -> StepRecord:
        """What steps.json says of the step that made the model."""
        name = self.recipe.rpartition("-")[2]
        return StepRecord(
            name=name,
            method=self.method,
            sparsity=applied.sparsity,
            bits=applied.bits,
            index_bits=applied.index_bits,
            structure=applied.structure,
            trained=_trained_for(applied, model),
        )


def _trained_for(applied: Applied, model: BertClassifier) -> TrainedFor:
    if applied.training is None:
        return TrainedFor()
    steps, rows = applied.training.steps, applied.training.rows_seen
    return TrainedFor(steps=steps, rows_seen=rows, compute=rows * computing_parameters(model))


@dataclass(frozen=True)
class Start:
    """A model that a step changes, and the steps that made it."""

    model: BertClassifier
    steps: ModelSteps


def read_parent(params: Params, folder: Path, dropout: float | None = None) -> Start:
    """A parent's checkpoint; ``dropout`` replaces its own.

    Raises:
        UserError: it is damaged, or not the parent of the recipe.
    """
    params.check_parent(read_steps(folder), folder)
    checkpoint = open_checkpoint(folder, dropout)
    return Start(checkpoint.model, checkpoint.steps)


def save_model(start: Start, record: StepRecord, folder: Path, tokenizer: Path, training: dict[str, Any]) -> None:
    """Write the checkpoint of a model after one more step."""
    checkpoints.save(start.model, folder, tokenizer, training, start.steps.followed_by(record).model_dump(mode="json"))
