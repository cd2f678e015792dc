"""Augmented copies of training rows: synonym replacement with nlpaug (Ma 2019), as the paper's distillation uses it."""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import chain
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, Any
from unicodedata import category

import numpy as np
import pyarrow as pa

from multipress.core.files import stable_seed
from multipress.data.settings.augmentation import AugmentSettings
from multipress.data.wordnet import check_wordnet

if TYPE_CHECKING:
    from nlpaug.augmenter.word import SynonymAug

_JOINERS = "\u00ad\u200c\u200d\u2060"  # soft hyphen, (non-)joiners of letters, word joiner
_COMBINING = _JOINERS + "".join(
    chr(code) for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)) if category(chr(code)).startswith("M")
)
_MARK = rf"(?:(?=[\u00ad\u0300-\U0010ffff])[{_COMBINING}])"  # the look ahead spares most characters the long list
_WORD = rf"\w+(?:{_MARK}+\w*)*"  # half of a word or letter may be a word of its own, such as a chemical element's sign
_TOKEN = re.compile(rf"(['’]?{_WORD}(?:['’]{_WORD})*|[^\w\s]{_MARK}*)")
_CHUNK_ROWS = 512
_ROWS_WORTH_A_PROCESS = 4000  # augmenting these takes as long as a process takes to import nlpaug


def augment(rows: pa.Table, settings: AugmentSettings, processes: int = 1) -> pa.Table:
    """``settings.copies`` augmented copies of each row; the rows of one original stand together.

    Columns: idx int64 (the original's), copy int64 (from 1), text_a, text_b, label. Each text is seeded by
    (seed, idx, copy, column), so the number of processes has no effect. Texts without known synonyms stay as they are.

    Raises:
        UserError: the lexicon is wordnet and its data is missing.
    """
    if settings.lexicon == "wordnet" and settings.copies:
        check_wordnet()
    columns = [rows.schema.field(name) for name in ("idx", "text_a", "text_b", "label")]
    schema = pa.schema([columns[0], pa.field("copy", pa.int64()), *columns[1:]])
    chunks = [rows.slice(start, _CHUNK_ROWS).to_pylist() for start in range(0, rows.num_rows, _CHUNK_ROWS)]
    copies = chain.from_iterable(_augment_chunks(chunks, settings, processes)) if settings.copies else []
    return pa.Table.from_pylist(list(copies), schema)


def _augment_chunks(
    chunks: list[list[dict[str, Any]]], settings: AugmentSettings, processes: int
) -> Iterator[list[dict[str, Any]]]:
    work = partial(_augment_rows, settings=settings)
    rows = sum(map(len, chunks)) * settings.copies
    processes = min(processes, len(chunks), rows // _ROWS_WORTH_A_PROCESS)
    if processes < 2:
        yield from map(work, chunks)
        return
    # Not fork: pyarrow has started threads, and a fork would copy their locks.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(work, chunks)
        except (KeyboardInterrupt, SystemExit):  # the pool would wait for what its processes have begun
            for process in active_children():
                process.terminate()
            raise


def _augment_rows(rows: list[dict[str, Any]], settings: AugmentSettings) -> list[dict[str, Any]]:
    return [_augment_row(row, copy, settings) for row in rows for copy in range(1, settings.copies + 1)]


def _augment_row(row: dict[str, Any], copy: int, settings: AugmentSettings) -> dict[str, Any]:
    texts = {
        column: _augment_text(row[column], stable_seed(settings.seed, row["idx"], copy, column), settings)
        for column in ("text_a", "text_b")
    }
    return row | texts | {"copy": copy}


def _augment_text(text: str | None, seed: int, settings: AugmentSettings) -> str | None:
    if not text or not text.strip():
        return text  # nlpaug turns an empty text into an empty list
    augmenter = _augmenter(settings)  # before seeding: its imports draw random numbers
    random.seed(seed)  # nlpaug draws from the global generators
    np.random.seed(seed % 2**32)
    return augmenter.augment(text)[0]


@cache
def _augmenter(settings: AugmentSettings) -> "SynonymAug":
    """nlpaug's augmenter, made once in each process."""
    from nlpaug.augmenter.word import SynonymAug

    spacing = _Spacing()
    options = {
        "aug_p": settings.fraction,
        "aug_min": settings.min_words,
        "aug_max": settings.max_words,
        "tokenizer": spacing.split,
        "reverse_tokenizer": spacing.join,
    }
    if settings.lexicon == "wordnet" and settings.copies:
        return SynonymAug(aug_src="wordnet", **options)
    from multipress.data.builtin_synonyms import BuiltinSynonymAug

    return BuiltinSynonymAug(**options)


class _Spacing:
    """Split a text into words and marks, and join their replacements with the spaces that stood between them.

    nlpaug's own pair of functions writes ``don't`` as ``don ' t`` and then replaces ``t`` by synonyms.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def split(self, text: str) -> list[str]:
        """The tokens of a text; contractions stay whole."""
        self._pieces = _TOKEN.split(text)
        return self._pieces[1::2]

    def join(self, tokens: list[str]) -> str:
        """The text that was split last, with these tokens in place of its own."""
        self._pieces[1::2] = tokens
        return "".join(self._pieces)
