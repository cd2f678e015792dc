import copy

import numpy as np
import pytest
import torch

from multipress.compression.quantize.grid_weights import GridWeights
from multipress.compression.quantize.layers import QuantizedEmbedding, QuantizedLinear, insert_quantizers, round_weights
from multipress.compression.quantize.rounding import ActivationQuantizer, FakeQuantize, WeightQuantizer
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.training.batches import RowBatches, Rows
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.training.optimizer import Optimizer


def grid(weight, quantizer):
    scale = quantizer.scale[:, None] if quantizer.per_channel else quantizer.scale
    return weight / scale


@pytest.mark.parametrize("bits", [3, 4, 8, 16])
@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_weights_land_on_a_symmetric_grid_within_half_a_step(bits, granularity):
    torch.manual_seed(0)
    weight = torch.randn(6, 10)
    quantizer = WeightQuantizer(6, scheme_of(QuantizeSettings(weight_granularity=granularity), bits).matrices)
    steps = grid(quantizer(weight), quantizer)
    assert steps.abs().max() <= quantizer.limit + 1e-3
    assert torch.allclose(steps, steps.round(), atol=1e-3 * quantizer.limit / 127 + 1e-4)
    assert (grid(weight, quantizer) - steps).abs().max() <= 0.5 + 1e-2


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_the_rows_of_an_embedding_are_those_of_the_whole_table_with_the_same_gradient(granularity):
    torch.manual_seed(0)
    chosen = scheme_of(QuantizeSettings(weight_granularity=granularity), 4)
    embedding = QuantizedEmbedding(torch.nn.Embedding(9, 4), chosen.words)
    ids = torch.tensor([[0, 3, 3], [8, 1, 0]])
    factors = torch.randn(2, 3, 4)
    rows = embedding(ids)
    (rows * factors).sum().backward()
    table = embedding.weight.detach().clone().requires_grad_()
    expected = WeightQuantizer(9, chosen.matrices)(table)[ids]
    (expected * factors).sum().backward()
    assert torch.equal(rows, expected)
    assert torch.allclose(embedding.weight.grad, table.grad)


@pytest.mark.parametrize("kind", [float, torch.tensor])
@pytest.mark.parametrize("clips", [True, False])
def test_fake_quantization_has_the_bits_of_pytorchs_own(clips, kind):
    torch.manual_seed(0)
    values, gradient = torch.randn(400, 130), torch.randn(400, 130)
    scale, zero_point = torch.tensor(0.0173 if clips else 0.06), torch.tensor(101.0)
    ours, theirs = values.clone().requires_grad_(), values.clone().requires_grad_()
    bounds = (kind(-101.0), kind(154.0)) if clips else None
    result = FakeQuantize.apply(ours, scale, bounds)
    expected = torch.fake_quantize_per_tensor_affine(theirs, scale, zero_point.int(), 0, 255)
    result.backward(gradient)
    expected.backward(gradient)
    assert torch.equal(result, expected)
    assert torch.equal(ours.grad, theirs.grad)
    assert bool((ours.grad == 0).any()) == clips


def test_query_key_and_value_share_the_grid_of_their_input(model):
    insert_quantizers(model, scheme_of(QuantizeSettings(), 8))
    attention = model.bert.encoder.layer[0].attention.self
    assert attention.query.input_quantizer is attention.key.input_quantizer is attention.value.input_quantizer


def test_zero_stays_zero_so_masks_survive():
    weight = torch.randn(5, 5)
    weight[2, 3] = 0
    assert WeightQuantizer(5, scheme_of(QuantizeSettings(), 8).matrices)(weight)[2, 3] == 0


def test_the_range_is_the_batches_average_and_contains_zero():
    quantizer = ActivationQuantizer(scheme_of(QuantizeSettings(), 8, observer_decay=0.9999))
    for high in (1.0, 3.0):
        quantizer(torch.tensor([0.5, high]))
    scale, zero_point = quantizer.parameters_of_grid()
    assert float(scale) == pytest.approx(2.0 / 255, rel=1e-3)
    assert int(zero_point) == 0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (-3.0, 1.0), (0.5, 2.0), (0.0, 0.0)])
def test_a_symmetric_grid_lies_around_zero(low, high, bits):
    scheme = scheme_of(QuantizeSettings(activation_scheme="symmetric", activation_bits=bits), 8)
    quantizer = ActivationQuantizer(scheme)
    quantizer(torch.tensor([low, high]))
    scale, zero_point = quantizer.parameters_of_grid()
    assert float(scale) == pytest.approx(max(abs(low), high, 1e-30) / (2 ** (bits - 1) - 1), rel=1e-5, abs=2e-7)
    assert int(zero_point) == 2 ** (bits - 1)
    values = torch.tensor([-10.0, low, 0.0, 0.3 * high, high, 10.0])
    found = quantizer.eval()(values)
    steps = np.clip(np.round(values.numpy() / float(scale)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    assert np.allclose(found, steps * float(scale), atol=1e-6)
    assert found[2] == 0


def test_gradients_pass_where_the_range_does_not_clip():
    quantizer = ActivationQuantizer(scheme_of(QuantizeSettings(), 8))
    quantizer(torch.tensor([-1.0, 1.0]))
    quantizer.eval()
    values = torch.tensor([-5.0, 0.3, 5.0], requires_grad=True)
    quantizer(values).sum().backward()
    assert values.grad.tolist() == [0.0, 1.0, 0.0]


def test_embeddings_encoder_and_pooler_are_quantized_and_the_classifier_is_not(model):
    insert_quantizers(model, scheme_of(QuantizeSettings(), 8))
    kinds = {name: type(module) for name, module in model.named_modules()}
    assert kinds["bert.embeddings.word_embeddings"] is QuantizedEmbedding
    assert kinds["bert.encoder.layer.1.output.dense"] is QuantizedLinear
    assert kinds["bert.pooler.dense"] is QuantizedLinear
    assert kinds["classifier"] is torch.nn.Linear
    assert sum(kind in (QuantizedEmbedding, QuantizedLinear) for kind in kinds.values()) == 3 + 2 * 6 + 1


def test_settled_weights_are_unmoved_by_evaluation(model, tokens):
    insert_quantizers(model, scheme_of(QuantizeSettings(), 8))
    batch = Rows(tokens, torch.device("cpu")).batch(torch.arange(16).numpy())
    model.train()
    model(**batch.inputs).sum().backward()
    round_weights(model)
    model.eval()
    for module in model.modules():
        if isinstance(module, QuantizedLinear | QuantizedEmbedding):
            assert torch.equal(module.weight_quantizer(module.weight), module.weight)


def test_eight_bit_logits_stay_near_the_float_ones(model, tokens):
    batch = Rows(tokens, torch.device("cpu")).batch(torch.arange(32).numpy())
    with torch.no_grad():
        before = model.eval()(**batch.inputs)
        insert_quantizers(model, scheme_of(QuantizeSettings(), 8))
        model.train()(**batch.inputs)
        round_weights(model)
        after = model.eval()(**batch.inputs)
    assert (before - after).abs().max() < 0.1 * (before.max() - before.min())
    assert not torch.equal(before, after)


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_weights_put_on_their_grids_beforehand_give_the_same_logits_gradients_and_scales(model, tokens, granularity):
    settings = QuantizeSettings(weight_granularity=granularity, learning_rate=2e-5)
    insert_quantizers(model, scheme_of(settings, 4))
    other = copy.deepcopy(model)
    batch = Rows(tokens, torch.device("cpu")).batch(torch.arange(16).numpy())
    hook, weights = GridWeights(model), {name: value.clone() for name, value in model.named_parameters()}
    hook.start(Optimizer(model, settings, 10))
    hook.before_forward()
    logits = model.train()(**batch.inputs)
    logits.square().sum().backward()
    assert len(model.bert.encoder.layer[0].output.dense.weight[0].unique()) <= 15
    hook.before_update()
    expected = other.train()(**batch.inputs)
    expected.square().sum().backward()
    assert torch.equal(logits, expected)
    for name, parameter in other.named_parameters():
        ours = model.get_parameter(name)
        assert torch.equal(ours, weights[name])
        assert torch.equal(ours.grad, parameter.grad), name
    for name, buffer in other.named_buffers():
        assert torch.equal(model.get_buffer(name), buffer), name


def test_after_training_the_layers_round_their_weights_themselves(model, tokens):
    settings = QuantizeSettings(epochs=1, batch_size=16, learning_rate=2e-5)
    insert_quantizers(model, scheme_of(settings, 4))
    cpu = torch.device("cpu")
    train(
        model,
        RowBatches(tokens, 16, 0, cpu),
        task_objective("classification"),
        settings,
        TrainingContext(cpu, [GridWeights(model)]),
    )
    layer = model.bert.encoder.layer[0].output.dense
    assert len(layer.weight[0].unique()) > 15
    assert len(layer.train().kernel()[0].unique()) <= 15
