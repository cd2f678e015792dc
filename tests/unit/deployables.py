"""Models of any recipe with random weights, and what they are fed with."""

import copy

import torch

from multipress import recipes
from multipress.calibration import calibrate
from multipress.config.quantize import QuantizeSettings
from multipress.pruning import magnitude_masks, prunable_weights
from multipress.quantization_scheme import scheme
from multipress.text_format import TextFormat

TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)

RECIPES = [
    *recipes.combine([0.4, 0.6], [8, 4, 16]),
    *(f"{parent}-ptq8" for parent in ("ft", "kd-mp60")),
]


def make(model, recipe, batches, granularity="tensor"):
    """A copy of a float model as the recipe would leave it but for training, and its scheme."""
    made = copy.deepcopy(model)
    weights = prunable_weights(made)
    for name, mask in magnitude_masks(weights, recipes.sparsity(recipe), "layer").items():
        weights[name].data.mul_(mask)
    bits = recipes.bits(recipe)
    if bits == 32:
        return made.eval(), None
    quantization = scheme(QuantizeSettings(weight_granularity=granularity), bits)
    calibrate(made, quantization, batches)
    return made.eval(), quantization


def logits(model, batch):
    with torch.no_grad():
        return model(**batch.inputs)
