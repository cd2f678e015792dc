"""Cut encoder layers out of a model, and train the rest on (Wu et al. 2022; Sajjad et al. 2023)."""

from multipress.compression.reduce_layers.settings import ReduceLayersSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier, Encoder
from multipress.model.layer_choice import kept_layers
from multipress.model.shape import MOST_LAYERS

SETTINGS = ReduceLayersSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Cut, train. The number of layers is in config.json, so that the model is a plain BERT."""
    if work.argument == MOST_LAYERS:
        return Applied(work.train(model))
    layers = model.bert.encoder.layers
    try:
        kept = kept_layers(len(layers), work.argument, work.settings.kept)
    except ValueError as error:
        raise UserError(f"step l{work.argument} {error}") from None
    model.bert.encoder = Encoder(layers[index] for index in kept)
    model.config.num_hidden_layers = len(kept)
    print(f"layers kept: {', '.join(map(str, kept))}")
    return Applied(work.train(model))
