"""Quantize a trained model without further training."""

from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier
from multipress.training.batches import first_rows

SETTINGS = CalibrateSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Observe the activations of some training rows, and leave the weights on their grids."""
    scheme = scheme_of(work.settings, work.argument)
    rows = calibrate(model, scheme, first_rows(work.batches.epoch(0), work.settings.rows))
    return Applied(bits=scheme.weight_bits, structure=scheme.model_dump(), rows=rows)
