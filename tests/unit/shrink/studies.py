"""A small encoder with its vocabulary, and a file of rows, as a user has them."""

import torch
from transformers import BertConfig, BertModel

from tests import encoders
from tests.unit.shrink.test_rows import WORDS, weather, write_csv

TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "day", "brought", *WORDS["good"], *WORDS["bad"]]
TOKENS += [*"0123456789", *(f"##{digit}" for digit in "0123456789")]


def write_encoder(folder, layers=2, **keys):
    """A random BERT, four heads of eight, that knows the words of ``weather``."""
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "num_hidden_layers": layers, "num_attention_heads": 4, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(TOKENS), max_position_embeddings=64, **shape)
    encoders.write(folder, BertModel(config), **keys)
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in TOKENS), encoding="utf-8")
    return folder


def write_rows(folder, rows=300):
    return write_csv(folder / "reviews.csv", weather(rows))
