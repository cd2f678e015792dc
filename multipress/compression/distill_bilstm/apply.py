"""Distill the teacher into a bidirectional LSTM."""

from multipress.compression.distill_bilstm.layers import BiLstm
from multipress.compression.distill_bilstm.settings import DistillBilstmSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.compression.student_step import train_student
from multipress.model.bert import BertClassifier

SETTINGS = DistillBilstmSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Project the word vectors, train."""
    return train_student(model, work, f"bilstm{work.argument}", BiLstm)
