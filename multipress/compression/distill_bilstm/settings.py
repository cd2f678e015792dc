"""Distillation into a bidirectional LSTM."""

from multipress.compression.student_settings import StudentSettings


class DistillBilstmSettings(StudentSettings):
    """Step bilstm<width>: a bidirectional LSTM on the encoder's word vectors, distilled on the teacher's logits."""
