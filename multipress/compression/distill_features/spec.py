"""Step fkd: the features of a teacher of the same width on original and augmented rows."""

from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.compression.distill_features.settings import DistillFeaturesSettings
from multipress.compression.method import Group, Method

SPEC = Method(
    name="distill_features",
    prefix="fkd",
    group=Group.START,
    label="FKD",
    family="distillation from features",
    settings=DistillFeaturesSettings,
    imitates="features",
    inherited=FeatureSettings,
    without_effect={"regression": frozenset({"temperature"})},
)
