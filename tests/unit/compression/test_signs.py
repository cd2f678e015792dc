"""Training on ternary and binary weights."""

import pytest
import torch

from multipress.compression.quantize.grid_weights import put_on_grid
from multipress.compression.quantize.layers import QUANTIZED, QuantizedEmbedding, QuantizedLinear, insert_quantizers
from multipress.compression.quantize.scheme import BINARY, TERNARY, QuantizationScheme, WeightGrid, scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.quantize.signs import SignQuantizer, binary, ternary
from multipress.compression.quantize.tokens import TokenQuantizer
from multipress.compression.rebuild import load_model
from multipress.model.bert import BertClassifier, BertConfig
from multipress.model.layers import Linear
from tests.steps import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


def small(**settings):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, outputs=2
    )
    model = BertClassifier(config)
    insert_quantizers(model, scheme_of(QuantizeSettings(**settings), TERNARY))
    return model


def test_zero_counts_as_positive_and_a_row_of_zeros_harms_nothing():
    signs, scale = binary(torch.tensor([[0.0, -2.0, 4.0], [0.0, 0.0, 0.0]]), (-1,))
    assert signs.tolist() == [[1, -1, 1], [1, 1, 1]]
    assert scale[0] == 2
    assert 0 < scale[1] < 1e-30
    signs, scale = ternary(torch.zeros(2, 3), (-1,))
    assert not signs.any()
    assert torch.isfinite(scale).all()


def test_zeros_that_pruning_made_do_not_count_in_the_means():
    weight = torch.tensor([1.0, -1.0, 3.0, 0.5])
    padded = torch.cat([weight, torch.zeros(20)])
    alone, among = ternary(weight, (0,)), ternary(padded, (0,))
    assert torch.equal(among.scale, alone.scale)
    assert torch.equal(among.signs[:4], alone.signs)


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
@pytest.mark.parametrize("bits", [TERNARY, BINARY])
def test_the_gradient_passes_straight_through(bits, granularity):
    torch.manual_seed(0)
    weight, factors = torch.randn(5, 9, requires_grad=True), torch.randn(5, 9)
    (SignQuantizer(5, WeightGrid(bits, granularity))(weight) * factors).sum().backward()
    assert torch.equal(weight.grad, factors)


@pytest.mark.parametrize("bits", [TERNARY, BINARY])
def test_the_weights_of_a_step_are_those_of_the_layers(bits):
    torch.manual_seed(0)
    layer = QuantizedLinear(Linear(9, 5), scheme_of(QuantizeSettings(), bits))
    grid = torch.empty(5, 9)
    put_on_grid([layer.weight_quantizer], [layer.weight.data], [grid])
    assert torch.equal(grid, layer.kernel())
    assert grid.unique().numel() == (2 if bits == BINARY else 3)


def test_rows_of_the_word_table_have_scales_of_their_own():
    torch.manual_seed(0)
    table = QuantizedEmbedding(torch.nn.Embedding(9, 6), WeightGrid(TERNARY, "channel"))
    ids = torch.tensor([[0, 3, 3], [8, 1, 0]])
    signs, scale = ternary(table.weight.detach(), (-1,))
    assert torch.equal(table(ids), (signs * scale)[ids])


def test_small_tables_keep_eight_bits_and_the_word_table_may_have_others():
    tables = small().bert.embeddings
    assert tables.word_embeddings.weight_quantizer.bits == TERNARY
    assert tables.position_embeddings.weight_quantizer.bits == 8
    assert tables.token_type_embeddings.weight_quantizer.bits == 8
    words = small(embedding_bits=8).bert.embeddings.word_embeddings.weight_quantizer
    assert (words.bits, words.per_channel) == (8, False)
    scheme = scheme_of(QuantizeSettings(embedding_bits=BINARY), 8)
    assert (scheme.matrices.bits, scheme.words, scheme.places.bits) == (8, WeightGrid(BINARY, "channel"), 8)


def test_checkpoints_of_before_have_the_word_table_of_their_weights():
    old = {"version": 1, "weight_bits": 8, "weight_granularity": "tensor", "activation_bits": 8, "observer_decay": 0.9}
    assert QuantizationScheme.model_validate(old).words == WeightGrid(8, "tensor")


@pytest.mark.parametrize(("recipe", "values"), [("ft-ter", 3), ("ft-bin", 2), ("kd-mp50-ter", 3)])
def test_a_trained_model_has_few_values_and_changes_no_more(study, recipe, values):
    model = load_model(study.make(recipe))
    for name, module in model.named_modules():
        if not isinstance(module, QUANTIZED):
            continue
        weight = module.weight.detach()
        if isinstance(module, QuantizedLinear):
            assert weight.unique().numel() == values, name
            assert weight.abs().max() == module.weight_quantizer.scale, name
            assert torch.equal(module.train().kernel(), weight), name
        elif name.endswith("word_embeddings"):
            assert all(row.unique().numel() <= values for row in weight)
            used = weight.any(1)
            assert torch.equal(weight.abs().amax(1)[used], module.weight_quantizer.scale[used])


def test_ternary_weights_keep_the_zeros_of_pruning(study):
    model, pruned = load_model(study.make("kd-mp50-ter")), load_model(study.model("kd-mp50"))
    later = dict(model.bert.encoder.named_parameters())
    weights = {name: weight for name, weight in pruned.bert.encoder.named_parameters() if weight.ndim == 2}
    assert weights
    for name, weight in weights.items():
        assert not later[name][weight == 0].any(), name
        assert (later[name] == 0).sum() > (weight == 0).sum(), name


def test_each_token_has_a_range_of_its_own():
    torch.manual_seed(0)
    values = torch.randn(3, 4, 7) * torch.logspace(-3, 3, 4)[:, None]
    values.requires_grad_()
    found = TokenQuantizer()(values)
    scale = values.detach().abs().amax(-1, keepdim=True) / 128
    steps = found.detach() / scale
    assert torch.allclose(steps, steps.round(), atol=1e-3)
    assert (found.detach() - values.detach()).abs().le(scale * 1.001).all()
    assert torch.equal(TokenQuantizer()(values[1:2]), found[1:2])
    found.sum().backward()
    assert (values.grad == 1).all()
