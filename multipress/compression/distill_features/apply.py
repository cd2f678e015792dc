"""Distill a teacher's features into a student on original and augmented rows."""

from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.compression.distill_features.objective import feature_objective
from multipress.compression.distill_features.settings import DistillFeaturesSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.training.objectives import Objective

SETTINGS = DistillFeaturesSettings
INHERITED = FeatureSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train."""
    return Applied(work.train(model))


def objective(kind: str, settings: FeatureSettings, teacher: BertClassifier | None) -> Objective:
    """The loss that such a model and all models made from it train for."""
    if teacher is None:
        raise UserError("distillation on features needs a teacher: name its folder as --feature-teacher")
    return feature_objective(kind, settings, teacher)
