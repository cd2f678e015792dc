"""Let neighbouring encoder layers share their weights, and train on (Lan et al. 2020, ALBERT, who pretrain so)."""

from multipress.compression.share_layers.groups import layer_groups
from multipress.compression.share_layers.layers import average, shared_encoder
from multipress.compression.share_layers.settings import ShareLayersSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.shape import MOST_LAYERS

SETTINGS = ShareLayersSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Merge each group's layers, train. The model is as deep as before."""
    if work.argument == MOST_LAYERS:
        return Applied(work.train(model))
    try:
        groups = share_layers(model, work.argument, work.settings.start)
    except ValueError as error:
        raise UserError(f"step s{work.argument} {error}") from None
    return Applied(work.train(model), structure={"groups": groups})


def share_layers(model: BertClassifier, count: int, start: str) -> list[int]:
    """Merge in place, to so many groups; the group of each layer.

    Raises:
        ValueError: there are no more layers than groups.
    """
    layers = model.bert.encoder.layers
    groups = layer_groups(len(layers), count)
    if start == "mean":
        for group in range(count):
            average([layer for layer, own in zip(layers, groups, strict=True) if own == group])
    model.bert.encoder = shared_encoder(model.bert.encoder, groups)
    return groups
