"""Train a model on with ternary weights and 8-bit activations (Wu et al. 2022, XTC)."""

from multipress.compression.quantize.apply import train_on_grids
from multipress.compression.quantize.scheme import TERNARY
from multipress.compression.step_work import Applied, StepWork
from multipress.compression.ternarize.settings import TernarizeSettings
from multipress.model.bert import BertClassifier

SETTINGS = TernarizeSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """As quantization-aware training, on grids of three values."""
    return train_on_grids(model, work, work.argument or TERNARY)
