"""Train a model on with binary weights and 8-bit activations (Wu et al. 2022, XTC)."""

from multipress.compression.binarize.settings import BinarizeSettings
from multipress.compression.quantize.apply import train_on_grids
from multipress.compression.quantize.scheme import BINARY
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = BinarizeSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """As quantization-aware training, on grids of two values."""
    return train_on_grids(model, work, work.argument or BINARY)
