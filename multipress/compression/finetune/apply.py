"""Fine-tune an encoder on a task with the task loss."""

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = FinetuneSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train."""
    return Applied(work.train(model))
