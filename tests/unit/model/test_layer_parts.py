"""Layers without some heads or neurons against the same layers that compute them in vain."""

from functools import partial

import pytest
import torch

from multipress.compression.factorize.apply import factor_encoder
from multipress.data.prepared import PreparedTask
from multipress.model.build import new_classifier
from multipress.model.layer_parts import heads_of, keep_heads, neurons_of
from multipress.model.shape import ArchitectureSpec

SHAPE = ArchitectureSpec(layers=3, hidden=24, heads=4, feed_forward=30)
HEADS = [[0, 2], [3], [0, 1, 2, 3]]
NEURONS = [[*range(0, 30, 2)], [29], [*range(3, 20)]]


@pytest.fixture
def wide():
    """A classifier whose attention and neurons make a difference."""
    torch.manual_seed(0)
    model = new_classifier(SHAPE, 60, PreparedTask(kind="classification", labels=["no", "yes"]), 0.0).double().eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
    return model


@pytest.fixture
def ids():
    torch.manual_seed(1)
    return torch.randint(5, 60, (6, 9))


def masked(model, ids, reader, kept, parts):
    """The logits of a model in which all parts but the kept ones of each layer come out as 0."""
    hooks = []
    for layer, indices in zip(model.bert.encoder.layers, kept, strict=True):
        mask = torch.zeros(parts, dtype=torch.float64)
        mask[indices] = 1

        def mute(mask, module, inputs):
            values = inputs[0]
            return (values.unflatten(-1, (parts, -1)) * mask[:, None]).flatten(-2)

        hooks.append(reader(layer).register_forward_pre_hook(partial(mute, mask)))
    with torch.inference_mode():
        found = model(ids)
    for hook in hooks:
        hook.remove()
    return found


def test_a_model_without_heads_computes_what_one_with_muted_heads_does(wide, ids):
    expected = masked(wide, ids, lambda layer: layer.attention.output.dense, HEADS, 4)
    with torch.inference_mode():
        whole = wide(ids)
    assert not torch.allclose(expected, whole, atol=1e-3)
    for layer, kept in zip(wide.bert.encoder.layers, HEADS, strict=True):
        keep_heads(layer, kept)
    with torch.inference_mode():
        assert torch.allclose(wide(ids), expected, atol=1e-10)
    first = wide.bert.encoder.layers[0].attention
    assert first.self.query.weight.shape == (12, 24)
    assert first.self.value.bias.shape == (12,)
    assert first.output.dense.weight.shape == (24, 12)
    assert (first.self.heads, first.self.kept_heads) == (2, [0, 2])
    assert heads_of(wide.bert.encoder.layers[0]).count == 2


def test_a_model_without_neurons_computes_what_one_with_muted_neurons_does(wide, ids):
    expected = masked(wide, ids, lambda layer: layer.output.dense, NEURONS, 30)
    with torch.inference_mode():
        assert not torch.allclose(expected, wide(ids), atol=1e-3)
    for layer, kept in zip(wide.bert.encoder.layers, NEURONS, strict=True):
        neurons_of(layer).keep(kept)
    with torch.inference_mode():
        assert torch.allclose(wide(ids), expected, atol=1e-10)
    assert [neurons_of(layer).count for layer in wide.bert.encoder.layers] == [15, 1, 17]
    assert wide.bert.encoder.layers[1].output.dense.in_features == 1


def test_equally_many_neurons_are_a_smaller_bert_of_transformers(wide, ids):
    from transformers import BertConfig, BertForSequenceClassification

    for layer in wide.bert.encoder.layers:
        neurons_of(layer).keep(range(5, 16))
    config = BertConfig(vocab_size=60, hidden_size=24, num_hidden_layers=3, num_attention_heads=4, intermediate_size=11)
    peer = BertForSequenceClassification(config).double().eval()
    peer.load_state_dict(wide.state_dict())
    with torch.inference_mode():
        assert torch.allclose(peer(ids).logits, wide(ids), atol=1e-10)


def test_names_and_their_order_stay(wide):
    before = [name for name, _ in wide.named_parameters()]
    for layer in wide.bert.encoder.layers:
        keep_heads(layer, [1])
        neurons_of(layer).keep([0])
    assert [name for name, _ in wide.named_parameters()] == before
    assert all(parameter.requires_grad and parameter.is_contiguous() for parameter in wide.parameters())


def test_there_is_no_part_beyond_the_last_and_none_in_factors(wide):
    with pytest.raises(IndexError):
        keep_heads(wide.bert.encoder.layers[0], [4])
    factor_encoder(wide, 50)
    for parts in (heads_of, neurons_of):
        with pytest.raises(TypeError, match="FactoredLinear has no matrix"):
            parts(wide.bert.encoder.layers[0])
