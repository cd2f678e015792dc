import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.model.bert import BertConfig, SelfAttention
from multipress.model.build import new_classifier
from multipress.model.layers import LANES, Dropout, Linear, joint_product
from multipress.training.batches import RowBatches, Rows
from multipress.training.inference import compute_logits
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective

CPU = torch.device("cpu")
NEGLIGIBLE = 0.1 / LANES
"""A probability that drops nothing, and yet is not zero: the path of training is taken."""


@pytest.mark.parametrize("probability", [0.01, 0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_scales_the_rest(probability):
    torch.manual_seed(0)
    count = 1_000_003
    values = torch.full((count,), 3.0)
    result = Dropout(probability)(values)
    dropped = int((result == 0).sum())
    deviation = math.sqrt(count * probability * (1 - probability))
    assert abs(dropped - count * probability) < 4 * deviation
    kept = result[result != 0]
    assert (kept == kept[0]).all()
    assert float(kept[0]) == pytest.approx(3.0 / (1 - probability), rel=1e-4)


def test_what_is_dropped_is_independent_from_place_to_place_and_call_to_call():
    """Four values share one random number: pairs at each distance must be dropped together as often as by chance."""
    torch.manual_seed(0)
    dropout, count, probability = Dropout(0.25), 400_000, 0.25
    first, second = (dropout(torch.ones(count)) == 0 for _ in range(2))
    spread = math.sqrt(count * probability**2 * (1 - probability**2))
    for distance in (1, 2, 3, 4, 5):
        together = int((first[:-distance] & first[distance:]).sum())
        assert abs(together - count * probability**2) < 4.5 * spread, distance
    assert abs(int((first & second).sum()) - count * probability**2) < 4.5 * spread
    for lane in range(4):
        share = first[lane::4].float().mean()
        assert abs(float(share) - probability) < 4.5 * math.sqrt(probability * (1 - probability) / (count / 4)), lane


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 5), (3, 7, 11), (0, 4), ()])
def test_dropout_takes_any_shape(shape):
    torch.manual_seed(0)
    result = Dropout(0.5)(torch.ones(shape))
    assert result.shape == shape
    assert set(result.flatten().tolist()) <= {0.0, 2.0}


def test_the_gradient_is_dropped_and_scaled_where_the_values_are():
    torch.manual_seed(0)
    values = torch.randn(50, 20, requires_grad=True)
    result = Dropout(0.3)(values)
    upstream = torch.randn(50, 20)
    result.backward(upstream)
    factors = (result / values).detach()
    assert torch.allclose(values.grad, upstream * factors)
    assert 200 < int((factors == 0).sum()) < 400


def test_dropout_is_the_identity_in_evaluation_and_with_probability_zero():
    values = torch.randn(10)
    assert Dropout(0.5).eval()(values) is values
    assert Dropout(0.0)(values) is values
    state = torch.get_rng_state()
    Dropout(0.5).eval()(values)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(Dropout(NEGLIGIBLE)(values), values)


def test_the_generators_state_decides_what_is_dropped():
    values, dropout = torch.ones(1000), Dropout(0.5)
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, second = dropout(values), dropout(values)
    torch.set_rng_state(state)
    assert torch.equal(dropout(values), first)
    assert not torch.equal(first, second)


def test_a_joint_product_is_that_of_each_layer():
    torch.manual_seed(0)
    layers = [Linear(6, size) for size in (4, 3, 5)]
    inputs = torch.randn(2, 7, 6)
    parts = joint_product(layers, inputs)
    assert [part.shape[-1] for part in parts] == [4, 3, 5]
    for layer, part in zip(layers, parts, strict=True):
        assert torch.allclose(part, functional.linear(inputs, layer.weight, layer.bias), atol=1e-6)
    sum(part.square().sum() for part in parts).backward()
    for layer in layers:
        gradient = layer.weight.grad.clone()
        layer.weight.grad = None
        layer(inputs).square().sum().backward()
        assert torch.allclose(gradient, layer.weight.grad, rtol=1e-4, atol=1e-5)


@pytest.fixture
def attention():
    torch.manual_seed(0)
    return SelfAttention(
        BertConfig(
            vocab_size=10,
            hidden_size=24,
            num_hidden_layers=1,
            num_attention_heads=3,
            intermediate_size=8,
            attention_probs_dropout_prob=NEGLIGIBLE,
        )
    )


def padding_mask():
    mask = torch.ones(4, 9, dtype=torch.bool)
    mask[1, 5:] = False
    mask[3, 1:] = False
    return mask[:, None, None, :]


@pytest.mark.parametrize("mask", [None, padding_mask()], ids=["all tokens", "padding"])
@pytest.mark.parametrize("first_only", [False, True])
def test_attention_with_dropout_that_drops_nothing_is_that_without(attention, mask, first_only, monkeypatch):
    """The one is written out, the other PyTorch's; values and gradients."""
    fused, calls, results = functional.scaled_dot_product_attention, [], []

    def counted(*arguments, **options):
        calls.append(attention.training)
        return fused(*arguments, **options)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", counted)
    for training in (True, False):
        torch.manual_seed(1)
        hidden = (3 * torch.randn(4, 9, 24)).requires_grad_()
        output = attention.train(training)(hidden, mask, first_only)
        output.square().sum().backward()
        results.append((output.detach(), hidden.grad))
    assert calls == [False]
    for own, theirs in zip(*results, strict=True):
        assert torch.allclose(own, theirs, rtol=1e-4, atol=1e-5)
    assert results[0][0].shape == (4, 1 if first_only else 9, 24)


def test_dropped_attention_is_on_average_that_without(attention):
    torch.manual_seed(2)
    hidden = 3 * torch.randn(4, 9, 24)
    expected = attention.eval()(hidden, padding_mask(), False)
    attention.dropout.probability = 0.3
    attention.train()
    with torch.no_grad():
        samples = torch.stack([attention(hidden, padding_mask(), False) for _ in range(1000)])
    error = (samples.mean(0) - expected).abs() / (samples.std(0) / math.sqrt(1000)).clamp_min(1e-6)
    assert error.max() < 5.5
    assert samples.std(0).max() > 0.1


@pytest.mark.parametrize("training", [False, True])
def test_logits_from_the_first_token_alone_are_those_of_all_hidden_states(model, tokens, training):
    batch = Rows(tokens, CPU).batch(np.arange(20))
    assert batch.attention_mask is not None
    model.train(training)
    hidden = model.bert(**batch.inputs)
    assert hidden.shape == (*batch.input_ids.shape, 16)
    expected = model.classifier(model.dropout(model.bert.pool(hidden)))
    expected.square().sum().backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    logits = model(**batch.inputs)
    assert torch.allclose(logits, expected, atol=1e-6)
    assert torch.allclose(model.bert(**batch.inputs, first_only=True), hidden[:, :1], atol=1e-5)
    logits.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert torch.allclose(parameter.grad, gradients[name], rtol=1e-3, atol=1e-7), name


def test_products_in_bfloat16_train_to_about_the_same_accuracy(shape, task, tokens):
    settings = FinetuneSettings(epochs=40, batch_size=8, learning_rate=3e-3)
    weights, accuracies = [], []
    for bfloat16 in (False, True):
        torch.manual_seed(0)
        model = new_classifier(shape, 60, task, dropout=0.1)
        train(
            model,
            RowBatches(tokens, 8, 1, CPU),
            task_objective("classification"),
            settings,
            TrainingContext(CPU, bfloat16=bfloat16),
        )
        assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
        weights.append(model.classifier.weight.detach())
        accuracies.append((compute_logits(model, tokens, 32, CPU).argmax(1) == tokens.labels).mean())
    assert not torch.equal(*weights)
    assert min(accuracies) > 0.9
    assert abs(accuracies[0] - accuracies[1]) < 0.05
