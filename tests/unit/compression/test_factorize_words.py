import numpy as np
import pytest
import torch
from torch import nn

from multipress.compression.factorize_words.apply import factor_words
from multipress.compression.factorize_words.layers import FactoredEmbedding, factored_words
from multipress.compression.factorize_words.ranks import check_rank
from multipress.compression.quantize.layers import QuantizedEmbedding, QuantizedLinear
from multipress.compression.rebuild import load_model, lowerings, open_checkpoint
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.stored_tensors import from_model
from tests.steps import HIDDEN, WORDS, Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.mark.parametrize("rank", [1, 4, 15])
def test_factors_are_the_best_approximation_by_numpy(rank):
    torch.manual_seed(0)
    table = nn.Embedding(60, 16, padding_idx=0)
    weight = table.weight.detach().double().numpy()
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    found = factored_words(table, rank)(torch.arange(60)).detach().double().numpy()
    assert np.allclose(found, left[:, :rank] * values[:rank] @ right[:rank], atol=1e-5)
    assert np.square(weight - found).sum() == pytest.approx(np.square(values[rank:]).sum(), rel=1e-4)
    assert not found[0].any()


@pytest.mark.parametrize(("rank", "fits"), [(12, True), (13, False), (16, False), (40, False)])
def test_factors_that_are_no_smaller_are_refused(rank, fits):
    assert fits == (rank * (60 + 16) < 60 * 16)
    if fits:
        check_rank(rank, 60, 16)
        return
    with pytest.raises(ValueError, match=r"60 rows and 16 columns, .*: use a rank of at most 12"):
        check_rank(rank, 60, 16)


def test_a_step_trains_the_rows_of_its_words_alone(model):
    factor_words(model, 4)
    words = model.bert.embeddings.word_embeddings
    assert model.row_tables() == [words.first]
    ids = torch.tensor([[2, 9, 9, 3, 0]])
    model(ids, ids != 0).sum().backward()
    rows = words.first.weight.grad.abs().sum(-1).nonzero().flatten()
    assert set(rows.tolist()) == {2, 3, 9}, "padding stays zero"
    assert words.second.weight.grad.any()


def test_both_factors_are_quantized(study):
    words = load_model(study.make("ft-er4-int8")).bert.embeddings.word_embeddings
    assert isinstance(words, FactoredEmbedding)
    assert isinstance(words.first, QuantizedEmbedding)
    assert isinstance(words.second, QuantizedLinear)
    parent = load_model(study.model("ft-er4")).bert.embeddings.word_embeddings
    for layer, before in ((words.first, parent.first), (words.second, parent.second)):
        steps = layer.weight / layer.weight_quantizer.scale
        assert torch.allclose(steps, steps.round(), atol=1e-4)
        assert not torch.equal(layer.weight, before.weight)


def test_embedding_bits_are_those_of_the_words_rows(study):
    made = Study(study.folder.parent / "ternary", {"quantize": {"embedding_bits": 2}})
    tensors = from_model(load_model(made.make("ft-er4-int8")))
    bits = {tensor.name.removeprefix("bert.embeddings.word_embeddings."): tensor.bits for tensor in tensors}
    assert (bits["first.weight"], bits["second.weight"]) == (2, 8)


def test_an_exported_model_gathers_and_multiplies(study):
    checkpoint = open_checkpoint(study.make("ft-er4"))
    graph = to_onnx(checkpoint.model, {}, lowerings(checkpoint.steps)).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer if tensor.name.startswith("words")}
    assert set(shapes.values()) == {(len(WORDS), 4), (4, HIDDEN)}
    (gather,) = [node for node in graph.node if shapes.get(node.input[0]) == (len(WORDS), 4)]
    (product,) = [node for node in graph.node if node.input[0] == gather.output[0]]
    assert (gather.op_type, product.op_type, shapes[product.input[1]]) == ("Gather", "MatMul", (4, HIDDEN))
