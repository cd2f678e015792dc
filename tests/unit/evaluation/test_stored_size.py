import numpy as np
import pytest
import torch

from multipress.compression import recipes
from multipress.compression.planned_size import planned_size
from multipress.deployment.stored_tensors import StoredTensor, from_model
from multipress.evaluation.stored_size import deployed_mb, entropy_mb, without_embeddings
from multipress.training.batches import Rows
from tests.unit.deployables import RECIPES, make


@pytest.fixture
def stored(model, tokens):
    """A function from a recipe to the tensors of its model."""

    def tensors(recipe, granularity="tensor"):
        batch = Rows(tokens, torch.device("cpu")).batch(np.arange(24))
        made, _steps = make(model, recipe, [batch], granularity)
        return from_model(made)

    return tensors


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_deployed_are_integers_scales_ranges_and_the_float_rest(stored, model, shape, recipe, granularity):
    quantized = recipes.bits(recipe) < 32
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and name != "classifier.weight"]
    pruned = recipes.sparsity(recipe) * planned_size(shape).encoder_weights
    rest = sum(p.numel() for p in model.parameters()) - sum(p.numel() for p in matrices)
    bits, signs = recipes.bits(recipe), recipes.bits(recipe) < 3
    expected = (sum(p.numel() for p in matrices) - pruned) * {1: 1, 2: 8 / 5}.get(bits, bits) / 8 + 4 * rest
    if signs:
        places = sum(p.numel() for name, p in model.named_parameters() if "position" in name or "type" in name)
        expected += places * (8 - {1: 1, 2: 8 / 5}[bits]) / 8
    if quantized:
        scales = len(matrices) if granularity == "tensor" else sum(len(p) for p in matrices)
        if signs and granularity == "tensor":
            scales += model.config.vocab_size - 1
        ranges = 4 * shape.layers + 1  # of one input for query, key and value, three more a layer, and the pooler's
        expected += 4 * scales + 2 * 4 * ranges
    # Each matrix loses a whole number of entries.
    assert deployed_mb(stored(recipe, granularity), recipes.sparsity(recipe)) == pytest.approx(expected / 1e6, abs=3e-5)


def test_embeddings_can_be_left_out_with_their_scales(stored, model):
    whole = stored("ft-int8")
    table = sum(p.numel() for name, p in model.named_parameters() if "embeddings" in name and p.ndim == 2)
    norm, scales = 2 * model.config.hidden_size, 3
    without = deployed_mb(without_embeddings(whole), 0)
    assert deployed_mb(whole, 0) - without == pytest.approx((table + 4 * norm + 4 * scales) / 1e6)


def test_zeros_that_rounding_made_count_as_deployed_and_not_in_the_bound():
    tensor = StoredTensor("bert.encoder.layer.0.output.dense.weight", np.zeros((10, 10), np.int8), 8)
    assert deployed_mb([tensor], sparsity=0.4) == pytest.approx(60 / 1e6)
    assert entropy_mb([tensor]) == 0


def test_sizes_order_as_they_must(stored):
    sizes = {recipe: entropy_mb(stored(recipe)) for recipe in ("ft", "ft-mp60", "ft-int8", "ft-mp60-int8")}
    assert sizes["ft"] > sizes["ft-mp60"] > sizes["ft-int8"] > sizes["ft-mp60-int8"]
