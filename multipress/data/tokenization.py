"""BERT's WordPiece tokenizer: build it from a vocabulary, save it, and turn rows into token ids."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy
import tokenizers
from tokenizers import Encoding, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from multipress.core.errors import UserError
from multipress.core.files import replacing, write_json
from multipress.data.tokenizer.form import AddedToken, SpecialTokens, TokenizerForm, TokenizerSettings

SPECIAL_TOKENS = list(SpecialTokens())
_MAX_LENGTH = 512  # positions of all of the paper's BERTs
_BATCH = 4096  # rows in memory as Encoding objects, which are many times larger than their ids


def build(vocabulary: Sequence[str], lowercase: bool) -> Tokenizer:
    """BERT's tokenizer (Devlin et al. 2019) over a vocabulary in the order of its ids.

    Raises:
        UserError: a special token is missing.
    """
    return build_form(TokenizerForm(list(vocabulary), TokenizerSettings(lowercase)))


def build_form(form: TokenizerForm) -> Tokenizer:
    """BERT's tokenizer in one of its forms.

    Raises:
        UserError: a special token is missing.
    """
    settings, special = form.settings, form.settings.special
    ids = {token: index for index, token in enumerate(form.vocabulary)}
    for token in special:
        if token not in ids:
            raise UserError(f"the vocabulary has no {token}: use the vocab.txt of a BERT")
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=special.unk))
    # strip_accents=None: accents go with lowercasing, as in the original BERT.
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=settings.chinese,
        strip_accents=settings.strip_accents,
        lowercase=settings.lowercase,
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special.cls}:0 $A:0 {special.sep}:0",
        pair=f"{special.cls}:0 $A:0 {special.sep}:0 $B:1 {special.sep}:1",
        special_tokens=[(token, ids[token]) for token in (special.cls, special.sep)],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    flagged = {token.content: token for token in settings.added}
    for token in (*(flagged.get(name, AddedToken(name)) for name in special), *settings.added):
        tokenizer.add_tokens([tokenizers.AddedToken(token.content, **token.flags())])
    return tokenizer


def save(tokenizer: Tokenizer, folder: str | Path, lowercase: bool) -> None:
    """Write the files of a tokenizer that ``build`` made, as transformers' AutoTokenizer reads them."""
    _write(tokenizer, TokenizerSettings(lowercase), Path(folder))


def save_form(form: TokenizerForm, folder: str | Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and vocab.txt, as transformers' AutoTokenizer reads them.

    Raises:
        UserError: a special token is missing, or a file cannot be written.
    """
    _write(build_form(form), form.settings, Path(folder))


def _write(tokenizer: Tokenizer, settings: TokenizerSettings, folder: Path) -> None:
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    with replacing(folder / "vocab.txt") as temporary:
        temporary.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
    content = json.loads(tokenizer.to_str())
    with replacing(folder / "tokenizer.json") as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": settings.lowercase,
        "tokenize_chinese_chars": settings.chinese,
        "strip_accents": settings.strip_accents,
        "model_max_length": min(settings.max_length or _MAX_LENGTH, _MAX_LENGTH),
    }
    if settings.added:
        config["added_tokens_decoder"] = {str(entry.pop("id")): entry for entry in content["added_tokens"]}
    write_json(folder / "tokenizer_config.json", config | settings.special.named())


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
