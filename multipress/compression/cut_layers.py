"""Layers cut to some of their heads and neurons by steps that choose both, and cut again from a checkpoint's record."""

from collections.abc import Sequence
from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import keep_shapes


def cut_layers(
    model: BertClassifier, heads: Sequence[Sequence[int]], neurons: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Cut all but these out of the layers that have weights of their own, say what stays, and return the record of it.

    Args:
        model: changed in place.
        heads: for each layer the indices of those that stay, in order.
        neurons: the same of its feed-forward block.
    """
    keep_shapes(model.bert.encoder.held, heads, neurons)
    counts = [len(of_layer) for of_layer in neurons]
    print(f"heads kept, by layer: {', '.join(str(len(of_layer)) for of_layer in heads)}")
    print(f"neurons kept, by layer: {', '.join(map(str, counts))}")
    return {"heads": heads, "neurons": counts}


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Cut a model with all its heads and neurons to a record's shapes; the numbers come with the weights."""
    keep_shapes(model.bert.encoder.held, structure["heads"], [range(count) for count in structure["neurons"]])
