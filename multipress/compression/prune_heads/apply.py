"""Cut attention heads out of a model, and train the rest on (Michel et al. 2019)."""

from multipress.compression.prune_heads.settings import PruneHeadsSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.kept_parts import kept_count
from multipress.model.layer_parts import heads_of, keep_heads
from multipress.training.importance import choose_parts

SETTINGS = PruneHeadsSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Choose, cut, train. No config.json has a number of heads for each layer, so steps.json names those that stay."""
    if not work.argument:
        return Applied(work.train(model))
    layers = model.bert.encoder.held
    try:
        count = kept_count(model.config.num_attention_heads, work.argument, "heads")
    except ValueError as error:
        raise UserError(f"step h{work.argument} {error}") from None
    kept = choose_parts(model, [heads_of(layer) for layer in layers], count, work.settings, work.batches)
    for layer, heads in zip(layers, kept, strict=True):
        keep_heads(layer, heads)
    shown = ", ".join(map(str, map(len, kept)))
    print(f"heads kept of {model.config.num_attention_heads}, by layer: {shown}")
    return Applied(work.train(model), structure={"heads": kept})
