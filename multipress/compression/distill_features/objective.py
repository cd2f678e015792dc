"""Distillation on features: logits, hidden states and attention scores (Jiao et al. 2020; Wu et al. 2022, XTC)."""

from collections.abc import Sequence

import torch

from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.features import Features, read_features
from multipress.model.layer_choice import kept_layers
from multipress.training.batches import Batch
from multipress.training.imitation import logits_distance
from multipress.training.objectives import Losses, Objective


def layer_map(student: int, teacher: int) -> list[int]:
    """The teacher's layer that each of the student's learns from: the last of each block, as in XTC.

    Raises:
        UserError: the teacher has fewer layers.
    """
    if student > teacher:
        raise UserError(
            f"a student of {student} layers cannot learn the features of {teacher}: name a teacher with as many or more"
        )
    return list(range(student)) if student == teacher else kept_layers(teacher, student, "spaced")


def states_map(layers: list[int]) -> list[int]:
    """The teacher's states that each of the student's learns from, where 0 is the output of the embeddings.

    That of the student learns from what the teacher's mapped layers start with: with two of three layers cut, from the
    output of the layer before (Wu et al. 2022).
    """
    return [max(0, layers[0] - 1), *(layer + 1 for layer in layers)]


def hidden_distance(student: Features, teacher: Features, layers: list[int], mask: torch.Tensor | None) -> torch.Tensor:
    """Mean squared differences of states, summed over layers: over a row's positions that are no padding, then rows."""
    places = zip(student.hidden, states_map(layers), strict=True)
    pairs = [(states, teacher.hidden[place]) for states, place in places]
    return torch.stack([_mean((ours - theirs).square().mean(-1), mask) for ours, theirs in pairs]).sum()


def attention_distance(
    student: Features,
    teacher: Features,
    layers: list[int],
    mask: torch.Tensor | None,
    heads: Sequence[list[int] | None],
) -> torch.Tensor:
    """Likewise of attention scores before the softmax: over heads and pairs of positions that are no padding.

    ``heads``: which of the teacher's each layer of the student still has; None: all.
    """
    pairs = [
        (scores, teacher.scores[layer] if kept is None else teacher.scores[layer][:, kept])
        for scores, layer, kept in zip(student.scores, layers, heads, strict=True)
    ]
    both = None if mask is None else mask[:, :, None] & mask[:, None, :]
    return torch.stack([_mean((ours - theirs).square().mean(1), both) for ours, theirs in pairs]).sum()


def _mean(values: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """The mean over rows of the mean over what the mask keeps of each row; one dimension of rows, then others."""
    if mask is None:
        return values.mean()
    dims = tuple(range(1, values.ndim))
    return (values.mul(mask).sum(dims) / mask.sum(dims)).mean()


def check_teacher(student: BertClassifier, teacher: BertClassifier) -> None:
    """Refuse a teacher whose features the student cannot have.

    Raises:
        UserError: another width, another number of heads, or fewer layers.
    """
    for what, key in (("hidden size", "hidden_size"), ("number of attention heads", "num_attention_heads")):
        ours, theirs = getattr(student.config, key), getattr(teacher.config, key)
        if ours != theirs:
            raise UserError(
                f"features of a teacher with {what} {theirs} do not fit a student with {ours}: distill on logits (kd)"
            )
    layer_map(len(student.bert.encoder.layers), len(teacher.bert.encoder.layers))


def feature_objective(kind: str, settings: FeatureSettings, teacher: BertClassifier) -> Objective:
    """The objective of fkd and its descendants; the teacher computes beside the student, as features fill a disk."""
    teacher.eval()

    def objective(model: torch.nn.Module, batch: Batch) -> Losses:
        assert isinstance(model, BertClassifier)
        check_teacher(model, teacher)
        inputs = (batch.input_ids, batch.attention_mask, batch.token_type_ids)
        with torch.no_grad():
            theirs = read_features(teacher, *inputs)
        ours = read_features(model, *inputs)
        layers = layer_map(len(ours.scores), len(theirs.scores))
        heads = [layer.attention.self.kept_heads for layer in model.bert.encoder.layers]
        mask = batch.attention_mask
        losses = {
            "distillation_loss": settings.logits_weight
            * logits_distance(ours.logits, theirs.logits, kind, settings.temperature),
            "hidden_loss": settings.hidden_weight * hidden_distance(ours, theirs, layers, mask),
            "attention_loss": settings.attention_weight * attention_distance(ours, theirs, layers, mask, heads),
        }
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    return objective
