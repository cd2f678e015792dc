"""Cut neurons out of a model's feed-forward blocks, and train the rest on (Hou et al. 2020, DynaBERT)."""

from typing import Any

from multipress.compression.prune_neurons.settings import PruneNeuronsSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.kept_parts import kept_count
from multipress.model.layer_parts import neurons_of
from multipress.training.importance import choose_parts

SETTINGS = PruneNeuronsSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Choose, cut, train."""
    if not work.argument:
        return Applied(work.train(model))
    parts = [neurons_of(layer) for layer in model.bert.encoder.held]
    try:
        count = kept_count(model.config.intermediate_size, work.argument, "neurons")
    except ValueError as error:
        raise UserError(f"step f{work.argument} {error}") from None
    kept = choose_parts(model, parts, count, work.settings, work.batches)
    for layer, neurons in zip(parts, kept, strict=True):
        layer.keep(neurons)
    counts = [len(neurons) for neurons in kept]
    print(f"neurons kept of {model.config.intermediate_size}, by layer: {', '.join(map(str, counts))}")
    structure = describe(model, counts)
    return Applied(work.train(model), structure=structure)


def describe(model: BertClassifier, counts: list[int]) -> dict[str, Any] | None:
    """What steps.json says of a model with so many neurons in its layers.

    None where it is a plain BERT, whose config.json then has their number.
    """
    if len(set(counts)) > 1:
        return {"neurons": counts}
    model.config.intermediate_size = counts[0]
    return None
