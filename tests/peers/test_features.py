"""Hidden states and attention scores against those of transformers."""

import torch
from transformers import BertConfig as TheirConfig
from transformers import BertForSequenceClassification

from multipress.model.bert import BertClassifier, BertConfig
from multipress.model.features import read_features


def test_states_and_attention_are_those_of_transformers():
    torch.manual_seed(0)
    shape = {"vocab_size": 50, "hidden_size": 24, "num_hidden_layers": 3}
    shape |= {"num_attention_heads": 4, "intermediate_size": 40}
    theirs = BertForSequenceClassification(TheirConfig(**shape, attn_implementation="eager")).eval().double()
    ours = BertClassifier(BertConfig(**shape, outputs=2)).eval().double()
    ours.load_state_dict({name: value for name, value in theirs.state_dict().items() if "position_ids" not in name})
    ids = torch.randint(5, 50, (4, 9))
    mask = torch.arange(9)[None] < torch.tensor([9, 4, 7, 2])[:, None]
    with torch.no_grad():
        expected = theirs(ids, mask.long(), output_hidden_states=True, output_attentions=True)
        found = read_features(ours, ids, mask)
        plain = ours(ids, mask)
    assert torch.allclose(found.logits, plain, atol=1e-12)
    assert torch.allclose(found.logits, expected.logits, atol=1e-12)
    for states, reference in zip(found.hidden, expected.hidden_states, strict=True):
        assert torch.allclose(states[mask], reference[mask], atol=1e-12)
    for scores, reference in zip(found.scores, expected.attentions, strict=True):
        weights = scores.masked_fill(~mask[:, None, None, :], -torch.inf).softmax(-1)
        rows = mask[:, None, :, None].expand_as(weights)
        assert torch.allclose(weights[rows], reference[rows], atol=1e-12)
