"""Factor the word table, and train the factors on (Lan et al. 2020, ALBERT, who pretrain so)."""

from torch import nn

from multipress.compression.factorize_words.layers import factored_words
from multipress.compression.factorize_words.ranks import WHOLE, check_rank
from multipress.compression.factorize_words.settings import FactorizeWordsSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier

SETTINGS = FactorizeWordsSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Factor the table of words, the largest of most small models; positions and token types stay whole."""
    if work.argument == WHOLE:
        return Applied(work.train(model))
    try:
        factor_words(model, work.argument)
    except ValueError as error:
        raise UserError(f"step er{work.argument} {error}") from None
    return Applied(work.train(model), structure={"rank": work.argument})


def factor_words(model: BertClassifier, rank: int) -> None:
    """Factor in place.

    Raises:
        ValueError: factors of this rank are no smaller than the table.
    """
    table = model.bert.embeddings.word_embeddings
    assert isinstance(table, nn.Embedding), "no step before this one changes the table"
    check_rank(rank, table.num_embeddings, table.embedding_dim)
    model.bert.embeddings.word_embeddings = factored_words(table, rank)
