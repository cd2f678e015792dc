"""BERT classifiers of any shape."""

from pathlib import Path

import torch

from multipress.core.errors import UserError
from multipress.core.tensor_files import read_tensors
from multipress.data.prepared import PreparedTask
from multipress.model.bert import BertClassifier, BertConfig
from multipress.model.shape import ArchitectureSpec


def bert_config(shape: ArchitectureSpec, vocabulary: int, dropout: float = 0.1) -> BertConfig:
    """The configuration of a shape, with 512 positions and two segments as in all of the paper's BERTs."""
    return BertConfig(
        vocab_size=vocabulary,
        num_hidden_layers=shape.layers,
        hidden_size=shape.hidden,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )


def new_classifier(shape: ArchitectureSpec, vocabulary: int, task: PreparedTask, dropout: float) -> BertClassifier:
    """A classifier with random weights; regression has one output."""
    config = bert_config(shape, vocabulary, dropout)
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
    """A classifier on a pretrained encoder, or on random weights where ``encoder`` is None."""
    model = new_classifier(shape, vocabulary, task, dropout)
    if encoder:
        load_encoder(model, encoder)
    return model


def load_encoder(model: BertClassifier, file: Path) -> None:
    """Copy pretrained encoder weights into ``model``; the classifier stays random.

    Raises:
        UserError: the file is damaged, or of another shape or vocabulary.
    """
    tensors = {_modern_name(name): tensor for name, tensor in read_tensors(file).items()}
    target = model.bert.state_dict()
    wrong = [name for name, tensor in target.items() if name in tensors and tensors[name].shape != tensor.shape]
    missing = [name for name in target if name not in tensors and not name.startswith("pooler.")]
    if wrong:
        found, wanted = tuple(tensors[wrong[0]].shape), tuple(target[wrong[0]].shape)
        raise UserError(f"{file}: {wrong[0]} has shape {found}, the architecture and vocabulary want {wanted}")
    if missing:
        raise UserError(f"{file} lacks {missing[0]} and {len(missing) - 1} more: it is no BERT encoder")
    model.bert.load_state_dict({name: tensors[name] for name in target if name in tensors}, strict=False)


def _modern_name(name: str) -> str:
    """Names without the ``bert.`` prefix, and LayerNorm's of the time when they were called gamma and beta."""
    name = name.removeprefix("bert.")
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def parameter_counts(model: torch.nn.Module) -> tuple[int, int]:
    """All parameters, and those that are not zero."""
    parameters = list(model.parameters())
    return sum(p.numel() for p in parameters), sum(int(torch.count_nonzero(p)) for p in parameters)
