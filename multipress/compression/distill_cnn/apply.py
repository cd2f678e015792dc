"""Distill the teacher into a convolutional network."""

from multipress.compression.distill_cnn.layers import Convolutions
from multipress.compression.distill_cnn.settings import DistillCnnSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.compression.student_step import train_student
from multipress.model.bert import BertClassifier

SETTINGS = DistillCnnSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Project the word vectors, train."""
    return train_student(model, work, f"cnn{work.argument}", Convolutions)
