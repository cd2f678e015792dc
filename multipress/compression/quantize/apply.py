"""Train a model on with fake-quantized weights and activations."""

from multipress.compression.quantize.grid_weights import GridWeights
from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.scheme import FLOAT_BITS, scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = QuantizeSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Insert the quantizers, train, and leave the weights on their grids; with 32 bits, train and insert none.

    Not in bfloat16: its numbers have eight significant bits, a scale times an integer needs more.
    """
    if work.argument == FLOAT_BITS:
        return Applied(work.train(model, in_float32=True))
    scheme = scheme_of(work.settings, work.argument, observer_decay=work.settings.observer_decay)
    insert_quantizers(model, scheme)
    model.to(work.device)
    training = work.train(model, [GridWeights(model)], in_float32=True)
    round_weights(model)
    return Applied(training, bits=scheme.weight_bits, structure=scheme.model_dump())
