"""A student's layers in place of a BERT's, from what its checkpoint says."""

from typing import Any

from multipress.compression.distill_bilstm.layers import BiLstm
from multipress.compression.student_step import rebuild_student
from multipress.model.bert import BertClassifier


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Put the student there; ``pairs`` says whether it reads two texts."""
    rebuild_student(model, structure, BiLstm)
