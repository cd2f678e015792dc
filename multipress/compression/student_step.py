"""How students without attention are made and rebuilt: all of it but the layer that reads."""

from collections.abc import Callable
from typing import Any

from torch import nn

from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.layers import Embedding
from multipress.model.student import become_student
from multipress.model.word_vectors import smaller_table

ReaderOf = Callable[[int], nn.Module]
"""Makes the layer that reads word vectors of a width."""


def train_student(model: BertClassifier, work: StepWork, step: str, reader_of: ReaderOf) -> Applied:
    """Put a student in the place of the architecture's BERT, whose word vectors it gets projected, and train it.

    ``step`` is the recipe's, for messages.
    """
    table = model.bert.embeddings.word_embeddings
    assert isinstance(table, Embedding), "a first step starts from a plain encoder"
    try:
        words = smaller_table(table, work.argument)
    except ValueError as error:
        raise UserError(f"step {step} {error}") from None
    become_student(model, words, reader_of, work.batches.has_pairs)
    model.to(work.device)
    return Applied(work.train(model), structure={"pairs": work.batches.has_pairs})


def rebuild_student(model: BertClassifier, structure: dict[str, Any], reader_of: ReaderOf) -> None:
    """The same of a checkpoint's configuration, whose hidden size is the width; all weights are loaded later."""
    table = model.bert.embeddings.word_embeddings
    assert isinstance(table, Embedding), "no step comes before this one"
    become_student(model, table, reader_of, structure["pairs"])
