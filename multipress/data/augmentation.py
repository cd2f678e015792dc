"""Augmented copies of training rows: synonym replacement with nlpaug (Ma 2019), as the paper's distillation uses it.

A copy is of use where it is something new: one that is its own original, or another training row, is tried again and
then left out. Dev rows are not looked at: what a model is trained on must not depend on them.
"""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import chain
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, Any
from unicodedata import category, normalize

import numpy as np
import pyarrow as pa

from multipress.core.files import stable_seed
from multipress.data.settings.augmentation import AugmentSettings
from multipress.data.wordnet import check_wordnet

if TYPE_CHECKING:
    from multipress.data.synonym_replacement import SynonymReplacement

_JOINERS = "\u00ad\u200c\u200d\u2060"  # soft hyphen, (non-)joiners of letters, word joiner
_COMBINING = _JOINERS + "".join(
    chr(code) for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)) if category(chr(code)).startswith("M")
)
_MARK = rf"(?:(?=[\u00ad\u0300-\U0010ffff])[{_COMBINING}])"  # the look ahead spares most characters the long list
_WORD = rf"\w+(?:{_MARK}+\w*)*"  # half of a word or letter may be a word of its own, such as a chemical element's sign
_TOKEN = re.compile(rf"(['’]?{_WORD}(?:['’]{_WORD})*|[^\w\s]{_MARK}*)")
_CHUNK_ROWS = 512
_ROWS_WORTH_A_PROCESS = 4000  # augmenting these takes as long as a process takes to import nlpaug
_TRIES = 5  # to make a copy that is no training row

Row = dict[str, Any]
Wanted = tuple[Row, int, int]
"""A row, the number of its copy, and how often the copy was tried before."""


def augment(rows: pa.Table, settings: AugmentSettings, processes: int = 1) -> pa.Table:
    """``settings.copies`` augmented copies of each row, less those that are training rows; in the order of the rows.

    Columns: idx int64 (the original's), copy int64 (from 1), text_a, text_b, label. Each text is seeded by
    (seed, idx, copy, column), so the number of processes has no effect. A copy is the same as a row whatever their
    capital letters and spaces, which the models may not see. A row without known synonyms has no copy.

    Raises:
        UserError: the lexicon is wordnet and its data is missing.
    """
    if settings.lexicon == "wordnet" and settings.copies:
        check_wordnet()
    columns = [rows.schema.field(name) for name in ("idx", "text_a", "text_b", "label")]
    schema = pa.schema([columns[0], pa.field("copy", pa.int64()), *columns[1:]])
    return pa.Table.from_pylist(_new_rows(rows.to_pylist(), settings, processes) if settings.copies else [], schema)


def _new_rows(rows: list[Row], settings: AugmentSettings, processes: int) -> list[Row]:
    originals = {_texts_of(row) for row in rows}
    found: dict[tuple[int, int], Row] = {}
    wanted = [(position, copy) for position in range(len(rows)) for copy in range(1, settings.copies + 1)]
    for attempt in range(_TRIES):
        tasks = [(rows[position], copy, attempt) for position, copy in wanted]
        made = zip(wanted, _augment_all(tasks, settings, processes), strict=True)
        found |= {place: copy for place, copy in made if _texts_of(copy) not in originals}
        wanted = [place for place in wanted if place not in found]
    return [found[place] for place in sorted(found)]


def _texts_of(row: Row) -> tuple[str, ...]:
    """What makes rows the same."""
    return tuple(" ".join(normalize("NFC", row[column] or "").casefold().split()) for column in ("text_a", "text_b"))


def _augment_all(wanted: list[Wanted], settings: AugmentSettings, processes: int) -> Iterator[Row]:
    chunks = [wanted[start : start + _CHUNK_ROWS] for start in range(0, len(wanted), _CHUNK_ROWS)]
    return chain.from_iterable(_augment_chunks(chunks, settings, processes))


def _augment_chunks(chunks: list[list[Wanted]], settings: AugmentSettings, processes: int) -> Iterator[list[Row]]:
    work = partial(_augment_rows, settings=settings)
    processes = min(processes, len(chunks), sum(map(len, chunks)) // _ROWS_WORTH_A_PROCESS)
    if processes < 2:
        yield from map(work, chunks)
        return
    # Not fork: pyarrow has started threads, and a fork would copy their locks.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            # Not pool.map: interrupted, it cancels what waits, and Python's pool then forgets to close its pipe.
            waiting = [pool.submit(work, chunk) for chunk in reversed(chunks)]
            while waiting:
                yield waiting.pop().result()
        except (KeyboardInterrupt, SystemExit, GeneratorExit):  # the pool would wait for what its processes have begun
            for process in active_children():
                process.terminate()
            raise


def _augment_rows(wanted: list[Wanted], settings: AugmentSettings) -> list[Row]:
    return [_augment_row(*each, settings) for each in wanted]


def _augment_row(row: Row, copy: int, attempt: int, settings: AugmentSettings) -> Row:
    again = [attempt] if attempt else []
    texts = {
        column: _augment_text(row[column], stable_seed(settings.seed, row["idx"], copy, column, *again), settings)
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
def _augmenter(settings: AugmentSettings) -> "SynonymReplacement":
    """nlpaug's augmenter, made once in each process."""
    from nlpaug.model.word_dict import WordDictionary

    from multipress.data.synonym_replacement import SynonymReplacement, stays

    spacing = _Spacing()
    options = {
        "aug_p": settings.fraction,
        "aug_min": settings.min_words,
        "aug_max": settings.max_words,
        "tokenizer": spacing.split,
        "reverse_tokenizer": spacing.join,
    }
    dictionary: WordDictionary
    if settings.lexicon == "wordnet":
        from multipress.data.wordnet_synonyms import CasedWordNet

        dictionary = CasedWordNet(lang="eng")
    else:
        from multipress.data.builtin_synonyms import BuiltinDictionary

        dictionary = BuiltinDictionary()
    return SynonymReplacement(dictionary, stays(settings.stop_words), **options)


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
