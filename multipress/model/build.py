"""BERT classifiers of any shape."""

from pathlib import Path

import torch
from torch import nn

from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.model.bert import BertClassifier
from multipress.model.config import BertConfig
from multipress.model.config_file import read_encoder_config
from multipress.model.encoder_files import check_shape
from multipress.model.foreign_weights import read_encoder
from multipress.model.shape import ArchitectureSpec


def bert_config(shape: ArchitectureSpec, vocabulary: int, dropout: float = 0.1, padding: int | None = 0) -> BertConfig:
    """The configuration of a shape, with 512 positions and two segments as in all of the paper's BERTs.

    ``padding`` is the id of [PAD], whose row stays zero.
    """
    return BertConfig(
        vocab_size=vocabulary,
        num_hidden_layers=shape.layers,
        hidden_size=shape.hidden,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=padding,
    )


def new_classifier(shape: ArchitectureSpec, vocabulary: int, task: PreparedTask, dropout: float) -> BertClassifier:
    """A classifier with random weights; regression has one output."""
    return _with_head(bert_config(shape, vocabulary, dropout), task)


def _with_head(config: BertConfig, task: PreparedTask) -> BertClassifier:
    if task.kind == "regression":
        config.problem_type = "regression"
        config.id2label, config.label2id = {0: "LABEL_0"}, {"LABEL_0": 0}
    else:
        labels = task.labels or []
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
        config.problem_type = "single_label_classification"
    return BertClassifier(config)


def start_classifier(
    shape: ArchitectureSpec, vocabulary: int, task: PreparedTask, dropout: float, encoder: Path | None
) -> BertClassifier:
    """A classifier on a pretrained encoder, or on random weights where ``encoder`` is None.

    Args:
        shape: of the architecture, which the encoder must have.
        vocabulary: tokens of the tokenizer; an encoder may have rows for more.
        task: kind and labels.
        dropout: while training, in place of the encoder's.
        encoder: model.safetensors; the config.json beside it says how the encoder computes.

    Raises:
        UserError: the encoder is damaged, of another shape, or has fewer rows than the tokenizer has tokens.
    """
    if encoder is None:
        return new_classifier(shape, vocabulary, task, dropout)
    file = encoder.with_name("config.json")
    config = read_encoder_config(file)
    check_shape(config, shape, file)
    if vocabulary > config.vocab_size:
        raise UserError(
            f"{file}: vocab_size is {config.vocab_size}, but the tokenizer has {vocabulary} tokens: "
            "name the encoder's own tokenizer (section tokenizer), or another encoder"
        )
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = _with_head(config, task)
    model.bert.load_state_dict(model.bert.state_dict() | read_encoder(encoder.parent, config))
    return model


def parameter_counts(model: torch.nn.Module) -> tuple[int, int]:
    """All parameters, and those that are not zero."""
    parameters = list(model.parameters())
    return sum(p.numel() for p in parameters), sum(int(torch.count_nonzero(p)) for p in parameters)


def computing_parameters(model: BertClassifier) -> int:
    """Parameters that are multiplied for each token of a row, zeros and all: those of shared layers, each time.

    Tables are only read; what stands after the factors of one is multiplied.
    """
    bert = model.bert
    after_tables = [module for module in bert.embeddings.modules() if isinstance(module, nn.Linear)]
    exits = [] if model.exits is None else [model.exits]
    computing = [*after_tables, *bert.encoder.layers, bert.pooler, model.classifier, *exits]
    return sum(parameter.numel() for module in computing for parameter in module.parameters())
