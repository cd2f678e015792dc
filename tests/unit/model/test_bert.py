import pytest
import torch
from transformers import BertConfig as ReferenceConfig
from transformers import BertForSequenceClassification

from multipress.model.bert import BertClassifier, BertConfig, config_json
from multipress.model.build import bert_config


@pytest.fixture(params=[1, 3])
def pair(request):
    """A model of ours and transformers' with the same weights."""
    torch.manual_seed(0)
    labels = {number: f"label {number}" for number in range(request.param)}
    config = BertConfig(
        vocab_size=50,
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=40,
        initializer_range=0.3,
        id2label=labels,
        label2id={label: number for number, label in labels.items()},
    )
    ours = BertClassifier(config).eval()
    reference = BertForSequenceClassification(ReferenceConfig(**config_json(config))).eval()
    reference.load_state_dict(ours.state_dict(), strict=True)
    return ours, reference


@pytest.fixture
def inputs():
    torch.manual_seed(1)
    mask = torch.ones(5, 17, dtype=torch.int64)
    mask[1, 9:] = 0
    mask[3, 2:] = 0
    segments = torch.zeros(5, 17, dtype=torch.int64)
    segments[:, 6:] = 1
    return {"input_ids": torch.randint(1, 50, (5, 17)), "attention_mask": mask, "token_type_ids": segments}


def test_logits_equal_those_of_transformers(pair, inputs):
    ours, reference = pair
    with torch.no_grad():
        expected = reference(**inputs).logits
        assert torch.allclose(ours(**inputs), expected, atol=1e-5)
        assert expected.std() > 0.01


def test_gradients_equal_those_of_transformers(pair, inputs):
    ours, reference = pair
    ours(**inputs).square().sum().backward()
    reference(**inputs).logits.square().sum().backward()
    expected = dict(reference.named_parameters())
    for name, parameter in ours.named_parameters():
        assert torch.allclose(parameter.grad, expected[name].grad, atol=1e-4, rtol=1e-4), name


@pytest.mark.parametrize("padding", [0, 1, 7, None])
def test_the_row_of_the_padding_token_is_zero_and_stays_so(shape, padding):
    model = BertClassifier(bert_config(shape, 20, padding=padding))
    model(torch.arange(20)[None]).square().sum().backward()
    table = model.bert.embeddings.word_embeddings.weight
    for values in (table, table.grad):
        assert [row for row in range(20) if not values[row].any()] == ([] if padding is None else [padding])


def test_initial_weights_have_berts_spread():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=500, hidden_size=64, num_hidden_layers=1, num_attention_heads=2, intermediate_size=128
    )
    model = BertClassifier(config)
    table = model.bert.embeddings.word_embeddings.weight
    assert float(table[1:].detach().std()) == pytest.approx(0.02, rel=0.02)
    assert not table[0].any()
    assert not model.classifier.bias.any()
