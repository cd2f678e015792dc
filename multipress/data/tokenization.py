"""BERT's WordPiece tokenizer: build it from a vocabulary, save it, and turn rows into token ids."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy
from tokenizers import Encoding, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from multipress.core.errors import UserError
from multipress.core.files import replacing, write_json

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_BATCH = 4096  # rows in memory as Encoding objects, which are many times larger than their ids


def build(vocabulary: Sequence[str], lowercase: bool) -> Tokenizer:
    """BERT's tokenizer (Devlin et al. 2019) over a vocabulary in the order of its ids.

    Raises:
        UserError: a special token is missing.
    """
    ids = {token: index for index, token in enumerate(vocabulary)}
    for token in SPECIAL_TOKENS:
        if token not in ids:
            raise UserError(f"the vocabulary has no {token}: use the vocab.txt of a BERT")
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    # strip_accents=None: accents go with lowercasing, as in the original BERT.
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=lowercase
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, ids[token]) for token in ("[CLS]", "[SEP]")],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens(SPECIAL_TOKENS)
    return tokenizer


def read_vocabulary(path: str | Path) -> list[str]:
    """The tokens of a vocab.txt, one a line, in the order of their ids.

    Raises:
        UserError: the file is missing, not UTF-8, or holds a token twice or an empty line.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; name a folder with the vocab.txt of a BERT") from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 ({error.reason} at byte {error.start}); convert or fetch it again"
        ) from None
    # Not splitlines: vocabularies hold Unicode separators as tokens.
    tokens = [token.removesuffix("\r") for token in text.removesuffix("\n").split("\n")]
    first_line: dict[str, int] = {}
    for line, token in enumerate(tokens, start=1):
        if not token:
            raise UserError(f"{path}, line {line} is empty: each line holds one token, in the order of the ids")
        if first_line.setdefault(token, line) != line:
            raise UserError(f"{path}, line {line}: token {token!r} is already on line {first_line[token]}; keep one")
    return tokens


def import_folder(folder: str | Path, lowercase: bool) -> Tokenizer:
    """The tokenizer of a folder with vocab.txt or, without that, with tokenizer.json.

    Only the vocabulary is taken from tokenizer.json: all else in it is BERT's.

    Raises:
        UserError: neither file is there, or it is malformed.
    """
    folder = Path(folder)
    if (folder / "vocab.txt").is_file():
        return build(read_vocabulary(folder / "vocab.txt"), lowercase)
    if not (folder / "tokenizer.json").is_file():
        raise UserError(f"{folder} has neither vocab.txt nor tokenizer.json: name a folder with a BERT's tokenizer")
    return build(_wordpiece_vocabulary(read_tokenizer(folder / "tokenizer.json"), folder), lowercase)


def _wordpiece_vocabulary(tokenizer: Tokenizer, folder: Path) -> list[str]:
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    if not isinstance(tokenizer.model, models.WordPiece) or sorted(vocabulary.values()) != list(range(len(tokens))):
        raise UserError(f"{folder / 'tokenizer.json'} is not a WordPiece tokenizer with consecutive ids: use a BERT's")
    return tokens


def save(tokenizer: Tokenizer, folder: str | Path, lowercase: bool) -> None:
    """Write tokenizer.json, tokenizer_config.json and vocab.txt, as transformers' AutoTokenizer reads them."""
    folder = Path(folder)
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    with replacing(folder / "vocab.txt") as temporary:
        temporary.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
    with replacing(folder / "tokenizer.json") as temporary:
        temporary.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, indent=1), encoding="utf-8")
    settings = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": lowercase,
        "tokenize_chinese_chars": True,
        "strip_accents": None,
        "model_max_length": 512,
    }
    write_json(
        folder / "tokenizer_config.json", settings | {f"{token[1:-1].lower()}_token": token for token in SPECIAL_TOKENS}
    )


def read_tokenizer(path: str | Path) -> Tokenizer:
    """Read a tokenizer.json.

    Raises:
        UserError: the file is missing or malformed.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path} is missing; rerun the rule that makes it")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise UserError(f"{path} is no tokenizer ({error}); delete it and rerun the rule that makes it") from None


def encode(
    tokenizer: Tokenizer, first: Sequence[str], second: Sequence[str] | None, max_length: int
) -> Iterator[tuple[numpy.ndarray, int]]:
    """Yield for each row its token ids (int32) and how many of them belong to the first segment.

    ``[CLS]`` and ``[SEP]`` count; a pair loses tokens from its longer text (longest_first).
    """
    cut_rows(tokenizer, max_length)
    for start in range(0, len(first), _BATCH):
        texts: list = list(first[start : start + _BATCH])
        if second is not None:
            texts = list(zip(texts, second[start : start + _BATCH], strict=True))
        for encoding in tokenizer.encode_batch_fast(texts):
            yield numpy.array(encoding.ids, numpy.int32), first_length(encoding)


def cut_rows(tokenizer: Tokenizer, max_length: int) -> None:
    """Let the tokenizer give rows of at most ``max_length`` tokens, without padding, as ``encode`` describes them."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy="longest_first")


def first_length(encoding: Encoding) -> int:
    """Tokens of the first segment, ``[CLS]`` and its ``[SEP]`` included."""
    return len(encoding) - sum(encoding.type_ids)
