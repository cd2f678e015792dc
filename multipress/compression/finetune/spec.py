"""Step ft: the task loss alone. The teacher is the ft model of its architecture."""

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.compression.method import Group, Method

SPEC = Method(name="finetune", prefix="ft", group=Group.START, label="", settings=FinetuneSettings)
