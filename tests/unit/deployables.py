"""Models of any recipe with random weights, and what they are fed with."""

import copy

import torch

from multipress.compression import recipes
from multipress.compression.calibrate.ranges import calibrate
from multipress.compression.prune.masks import magnitude_masks
from multipress.compression.quantize.rounding import ActivationQuantizer
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.data.text_format import TextFormat
from multipress.training.zeros import prunable_weights
from tests.model_forms import steps_of

TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=False)

PRECISIONS = ("", *(f"-int{bits}" for bits in (3, 4, 8, 9, 16)), "-ter")
RECIPES = [*(f"{parent}{step}" for parent in ("ft", "ft-mp60") for step in PRECISIONS), "ft-bin"]
"""Every kind of stored number, with and without pruning; how a model was trained makes no difference to its files."""

NARROWED = 0.7


def make(model, recipe, batches, granularity="tensor", activations="affine"):
    """A copy of a float model as the recipe would leave it but for training, and its steps.

    Ranges of activations are narrower than the batches': moving averages clip single values, too.
    """
    made = copy.deepcopy(model)
    weights = prunable_weights(made)
    for name, mask in magnitude_masks(weights, recipes.sparsity(recipe), "layer").items():
        weights[name].data.mul_(mask)
    bits = recipes.bits(recipe)
    if bits == 32:
        return made.eval(), steps_of(None, recipes.sparsity(recipe))
    quantization = scheme_of(QuantizeSettings(weight_granularity=granularity, activation_scheme=activations), bits)
    calibrate(made, quantization, batches)
    for module in made.modules():
        if isinstance(module, ActivationQuantizer):
            module.average[:2] *= NARROWED
    return made.eval(), steps_of(quantization, recipes.sparsity(recipe))


def logits(model, batch):
    with torch.no_grad():
        return model(**batch.inputs)
