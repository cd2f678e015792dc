"""Train a WordPiece vocabulary that depends on nothing but the corpus."""

from collections import Counter
from collections.abc import Callable, Iterable

from tokenizers import Tokenizer, normalizers, trainers

from multipress.core.errors import UserError
from multipress.data.tokenization import SPECIAL_TOKENS, build

MAX_CHARACTERS = 1000
"""Rarer characters become [UNK], as in the original BERT's vocabularies."""


def train(corpus: Callable[[], Iterable[str]], size: int, lowercase: bool) -> Tokenizer:
    """A tokenizer with a vocabulary of at most ``size`` tokens.

    The library numbers the pieces ``##x`` in the order of a hash table that differs from process to process, and
    breaks ties between merges by these numbers. Given the alphabet as special tokens, in order, it has no such choice.

    Args:
        corpus: called twice, for the alphabet and for the merges; must yield the same lines.
        size: tokens to aim for, special tokens included; a small corpus gives fewer.
        lowercase: lowercase and strip accents.

    Raises:
        UserError: the corpus holds no characters.
    """
    alphabet = _alphabet(corpus(), min(MAX_CHARACTERS, (size - len(SPECIAL_TOKENS)) // 2), lowercase)
    start = [*SPECIAL_TOKENS, *alphabet, *(f"##{character}" for character in alphabet)]
    tokenizer = build(start, lowercase)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        special_tokens=start,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    ids = tokenizer.get_vocab()
    return build(sorted(ids, key=ids.__getitem__), lowercase)


def _alphabet(lines: Iterable[str], size: int, lowercase: bool) -> list[str]:
    """The most frequent characters after normalization, sorted."""
    normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(normalizer.normalize_str(line))
    characters = [character for character in counts if not character.isspace()]
    if not characters:
        raise UserError("the tokenizer's corpus is empty; name text files in pretrain.corpus")
    return sorted(sorted(characters, key=lambda character: (-counts[character], character))[:size])
