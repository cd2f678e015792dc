"""Train a model on with fake-quantized weights and activations."""

from itertools import islice

from multipress.compression.quantize.grid_weights import GridKeeper, GridWeights
from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.observation import observe_activations
from multipress.compression.quantize.scheme import FLOAT_BITS, scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier
from multipress.training.hooks import Hook

SETTINGS = QuantizeSettings

_STARTING_BATCHES = 10
"""Of the first epoch: where learned ranges start."""


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train on integer grids of the step's bits."""
    return train_on_grids(model, work, work.argument)


def train_on_grids(model: BertClassifier, work: StepWork, bits: int) -> Applied:
    """Insert the quantizers, train, and leave the weights on their grids.

    With 32 bits there are none: the same training in float32, where the others compute, too.
    """
    if bits == FLOAT_BITS:
        return Applied(work.train(model, in_float32=True))
    scheme = scheme_of(work.settings, bits, observer_decay=work.settings.observer_decay)
    insert_quantizers(model, scheme)
    model.to(work.device)
    if scheme.activation_range == "learned":
        observe_activations(model, islice(work.batches.epoch(0), _STARTING_BATCHES))
    training = work.train(model, [GridWeights(model)])
    round_weights(model)
    return Applied(training, bits=scheme.weight_bits, structure=scheme.model_dump())


def keep(model: BertClassifier) -> list[Hook]:
    """Hooks of later steps that train: the weights stay on their grids."""
    return [GridKeeper(model)]
