import numpy as np
import pytest
import torch

from multipress.compression.prune_groups.apply import prune_groups
from multipress.compression.prune_groups.masks import group_mask
from multipress.compression.rebuild import load_model, open_checkpoint
from multipress.deployment.byte_streams import compress, mask_bytes
from multipress.deployment.stored_tensors import from_model
from multipress.evaluation.stored_size import deployed_mb
from multipress.training.zeros import prunable_weights
from tests.steps import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.mark.parametrize("shape", [(1, 4), (5, 8), (16, 64)])
def test_the_two_largest_of_four_inputs_stay(shape):
    torch.manual_seed(0)
    weight = torch.randn(shape)
    expected = np.zeros(shape)
    for row, column in np.ndindex(shape[0], shape[1] // 4):
        group = np.abs(weight[row, 4 * column : 4 * column + 4].numpy())
        expected[row, 4 * column + np.argpartition(group, 2)[2:]] = 1
    assert np.array_equal(group_mask(weight), expected)


def test_of_equal_weights_the_first_two_stay():
    assert group_mask(torch.ones(2, 4)).tolist() == [[1, 1, 0, 0]] * 2
    assert group_mask(torch.tensor([[1.0, -1.0, 2.0, -1.0]])).tolist() == [[1, 0, 1, 0]]


def test_a_matrix_without_whole_groups_is_refused(model):
    model.bert.encoder.layer[0].output.dense.weight = torch.nn.Parameter(torch.ones(16, 6))
    with pytest.raises(ValueError, match="a matrix has 6 inputs: prune with mp50"):
        prune_groups(model)


@pytest.mark.parametrize("recipe", ["ft-nm24", "ft-nm24-int8", "ft-nm24-ter", "ft-nm24-ptq8"])
def test_training_and_quantization_keep_the_zeros(study, recipe):
    weights = prunable_weights(load_model(study.make(recipe)))
    parent, pruned = (prunable_weights(load_model(study.model(name))) for name in ("ft", "ft-nm24"))
    for name, weight in weights.items():
        assert not weight[group_mask(parent[name]) == 0].any(), name
        if recipe == "ft-nm24":
            groups = weight.unflatten(-1, (-1, 4)).count_nonzero(-1)
            assert (groups == 2).all(), name
            assert not torch.equal(weight, parent[name] * group_mask(parent[name])), f"{name} was not trained"
        assert not weight[pruned[name] == 0].any(), name


@pytest.mark.parametrize(("recipe", "bits"), [("ft-nm24", 32), ("ft-nm24-int8", 8)])
def test_a_kept_weight_counts_two_bits_of_index(study, recipe, bits):
    checkpoint = open_checkpoint(study.make(recipe))
    tensors = [tensor for tensor in from_model(checkpoint.model) if tensor.is_prunable]
    steps = checkpoint.steps
    entries = sum(tensor.values.size for tensor in tensors)
    assert 8e6 * deployed_mb(tensors, steps.sparsity, steps.index_bits) == pytest.approx(entries * (bits + 2) / 2)
    assert (steps.sparsity, steps.index_bits) == (0.5, 2)


def test_a_packed_mask_of_groups_takes_less_than_a_bit_a_weight():
    torch.manual_seed(0)
    mask = group_mask(torch.randn(256, 1024)).numpy()
    least = np.log2(6) / 4  # six ways to choose two of four
    assert least <= 8 * len(compress(mask_bytes(mask))) / mask.size < 1.05 * least
