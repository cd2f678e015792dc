"""Step kd: the teacher's logits on original and augmented rows."""

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.settings import DistillSettings
from multipress.compression.method import Group, Method

SPEC = Method(
    name="distill",
    prefix="kd",
    group=Group.START,
    label="KD",
    family="distillation from logits",
    settings=DistillSettings,
    imitates="logits",
    inherited=DistillationSettings,
    without_effect={"regression": frozenset({"temperature"})},
)
