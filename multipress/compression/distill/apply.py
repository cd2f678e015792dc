"""Distill the teacher into a student on original and augmented rows."""

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_objective
from multipress.compression.distill.settings import DistillSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier
from multipress.training.objectives import Objective

SETTINGS = DistillSettings
INHERITED = DistillationSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train."""
    return Applied(work.train(model))


def objective(kind: str, settings: DistillationSettings, teacher: BertClassifier | None = None) -> Objective:
    """The loss that a distilled model and all models made from it train for."""
    return distillation_objective(kind, settings)
