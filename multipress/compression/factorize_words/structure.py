"""A factored word table in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.compression.factorize_words.layers import FactoredEmbedding
from multipress.model.bert import BertClassifier


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Put factors of ``rank`` in; their numbers come with the weights."""
    config = model.config
    factors = FactoredEmbedding(config.vocab_size, structure["rank"], config.hidden_size, config.pad_token_id)
    model.bert.embeddings.word_embeddings = factors
