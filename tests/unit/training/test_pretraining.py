import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from multipress.core.errors import UserError
from multipress.model.bert import BertConfig, BertMaskedModel
from multipress.training.pretraining import IGNORED, MaskedBatch, MaskedBatches, mask_tokens, masked_objective, pack

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{number}" for number in range(45))]


@pytest.fixture
def tokenizer():
    result = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    result.pre_tokenizer = pre_tokenizers.Whitespace()
    return result


@pytest.fixture
def model():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    return BertMaskedModel(config)


def test_packing_fills_sequences_and_ends_each_line(tokenizer):
    sequences = pack(["w0 w1 w2", "w3"] * 10, tokenizer, length=7, max_tokens=1000)
    assert sequences.shape == (10, 7)
    assert sequences[0].tolist() == [2, 5, 6, 7, 3, 8, 3]


def test_packing_stops_at_the_limit_and_refuses_too_little(tokenizer):
    assert pack(["w0 w1 w2"] * 100, tokenizer, length=9, max_tokens=80).shape == (10, 9)
    with pytest.raises(UserError, match="fewer than one sequence"):
        pack(["w0"], tokenizer, length=8, max_tokens=100)


def test_masking_follows_berts_shares():
    generator = np.random.default_rng(0)
    ids = generator.integers(5, 50, (400, 100))
    ids[:, 0] = 2
    corrupted, labels = mask_tokens(ids, 0.15, mask_id=4, vocabulary=50, special={0, 2, 3}, generator=generator)
    chosen = labels != IGNORED
    assert not chosen[:, 0].any()
    assert chosen[:, 1:].mean() == pytest.approx(0.15, abs=0.005)
    assert np.array_equal(labels[chosen], ids[chosen])
    assert np.array_equal(corrupted[~chosen], ids[~chosen])
    assert (corrupted[chosen] == 4).mean() == pytest.approx(0.8, abs=0.02)
    assert (corrupted[chosen] == ids[chosen]).mean() == pytest.approx(0.1, abs=0.02)


def test_an_epoch_is_the_same_again_and_the_next_is_masked_anew(tokenizer):
    sequences = np.random.default_rng(0).integers(5, 50, (10, 12)).astype(np.int32)
    batches = MaskedBatches(sequences, tokenizer, 0.15, 4, seed=1, device=torch.device("cpu"))
    first, again, second = (list(batches.epoch(number)) for number in (0, 0, 1))
    assert batches.per_epoch == len(first) == 3
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a.ids, b.ids) for a, b in zip(first, second, strict=True))


def test_a_batch_without_a_masked_token_costs_nothing(model):
    ids = torch.full((1, 8), 7)
    loss = masked_objective(model, MaskedBatch(ids, torch.full((1, 8), IGNORED)))["loss"]
    loss.backward()
    assert float(loss.detach()) == 0


def test_the_loss_is_the_mean_over_masked_tokens(model):
    ids = torch.arange(5, 13)[None]
    labels = torch.full((1, 8), IGNORED)
    labels[0, 2:4] = ids[0, 2:4]
    model.eval()
    scores = model(model.bert(ids)[0, 2:4])
    expected = -torch.log_softmax(scores, dim=-1)[[0, 1], [7, 8]].mean()
    assert torch.allclose(masked_objective(model, MaskedBatch(ids, labels))["loss"], expected)
