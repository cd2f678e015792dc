import pytest
import torch

from multipress.model.layer_choice import kept_layers


@pytest.mark.parametrize(
    ("layers", "kept", "choice", "expected"),
    [
        (12, 6, "spaced", [1, 3, 5, 7, 9, 11]),
        (12, 5, "spaced", [2, 4, 6, 8, 10]),  # as XTC has it
        (12, 4, "spaced", [2, 5, 8, 11]),
        (8, 4, "spaced", [1, 3, 5, 7]),
        (24, 12, "spaced", [*range(1, 24, 2)]),
        (2, 1, "spaced", [1]),
        (7, 5, "spaced", [1, 2, 3, 4, 5]),
        (12, 5, "bottom", [0, 1, 2, 3, 4]),
    ],
)
def test_the_layers_that_stay(layers, kept, choice, expected):
    assert kept_layers(layers, kept, choice) == expected


@pytest.mark.parametrize("layers", range(2, 25))
@pytest.mark.parametrize("choice", ["spaced", "bottom"])
def test_any_number_of_layers_stays_in_order(layers, choice):
    for kept in range(1, layers):
        chosen = kept_layers(layers, kept, choice)
        assert len(set(chosen)) == kept
        assert chosen == sorted(chosen)
        assert 0 <= chosen[0] <= chosen[-1] < layers


@pytest.mark.parametrize("kept", [0, 4, 5])
def test_more_layers_than_there_are_are_refused(kept):
    with pytest.raises(ValueError, match=f"keeps {kept} layers, but the parent has 4: keep fewer"):
        kept_layers(4, kept, "spaced")


def test_a_cut_model_is_one_of_transformers_without_those_layers(tmp_path):
    from transformers import BertConfig as PeerConfig
    from transformers import BertForSequenceClassification

    from multipress.model.bert import BertClassifier, BertConfig

    torch.manual_seed(0)
    shape = {"vocab_size": 60, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    peer = BertForSequenceClassification(PeerConfig(num_hidden_layers=5, **shape)).eval()
    model = BertClassifier(BertConfig(num_hidden_layers=5, **shape)).eval()
    model.load_state_dict(peer.state_dict())
    kept = kept_layers(5, 2, "spaced")
    peer.bert.encoder.layer = torch.nn.ModuleList(peer.bert.encoder.layer[index] for index in kept)
    model.bert.encoder.layer = torch.nn.ModuleList(model.bert.encoder.layer[index] for index in kept)
    ids = torch.randint(5, 60, (4, 9))
    with torch.inference_mode():
        assert torch.allclose(model(ids), peer(ids).logits, atol=1e-6)
