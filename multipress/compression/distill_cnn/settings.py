"""Distillation into a convolutional network."""

from multipress.compression.student_settings import StudentSettings


class DistillCnnSettings(StudentSettings):
    """Step cnn<width>: a convolutional network on the encoder's word vectors, distilled on the teacher's logits."""
