"""Quantize a trained model without further training."""

from itertools import islice

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = CalibrateSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Observe the activations of some training rows, and leave the weights on their grids."""
    scheme = scheme_of(work.settings, work.argument)
    batches = -(-work.settings.rows // work.settings.batch_size)
    rows = calibrate(model, scheme, islice(work.batches.epoch(0), batches))
    return Applied(bits=scheme.weight_bits, structure=scheme.model_dump(), rows=rows)
