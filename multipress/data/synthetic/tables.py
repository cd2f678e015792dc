"""Tables of examples and lines of text from the grammars."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import pyarrow as pa

from multipress.core.errors import UserError
from multipress.core.files import stable_seed
from multipress.data.synthetic.acceptability import judgement
from multipress.data.synthetic.events import UNSEEN_DOMAIN
from multipress.data.synthetic.inference import three_way, two_way
from multipress.data.synthetic.questions import answerable, duplicate
from multipress.data.synthetic.sentiment import review
from multipress.data.synthetic.similarity import paraphrase, similarity
from multipress.data.synthetic.text import paragraph

Example = tuple[str, str | None, int | float]

_GRAMMARS: dict[str, Callable[[Random], Example]] = {
    "cola": judgement,
    "sst2": review,
    "mrpc": paraphrase,
    "stsb": similarity,
    "qqp": duplicate,
    "mnli": three_way,
    "qnli": answerable,
    "rte": two_way,
}
_OTHER_GRAMMARS: dict[tuple[str, str], Callable[[Random], Example]] = {
    ("mnli", "dev_mismatched"): partial(three_way, domain=UNSEEN_DOMAIN)
}


def generate(task: str, rows: dict[str, int], seed: int) -> dict[str, pa.Table]:
    """A synthetic GLUE task with a given number of ``rows`` a split; no two are alike, nor are the two texts of a pair.

    Columns: idx int64, text_a string, text_b string (null for single sentences), label int64 (float64 for stsb).
    Dev sets do not depend on the number of training rows, and fewer rows are the beginning of more.

    Raises:
        UserError: the task has no grammar.
    """
    if task not in _GRAMMARS:
        raise UserError(f"data.source synthetic has no task {task!r}: known are {', '.join(_GRAMMARS)}")
    taken: set[tuple[str, str | None]] = set()
    tables = {split: _table(_examples(task, split, rows[split], seed, taken)) for split in _dev_first(rows)}
    return {split: tables[split] for split in rows}


def corpus(lines: int, seed: int) -> Iterator[str]:
    """Unlabelled text in the words and patterns of all tasks, for masked-language-model pre-training."""
    rng = Random(stable_seed(seed, "corpus"))
    for _ in range(lines):
        yield paragraph(rng)


_MAX_REPEATS = 10_000
"""After this many repeated examples in a row a grammar is exhausted."""


def _dev_first(rows: dict[str, int]) -> list[str]:
    """The splits in an order that lets the training rows give way to the dev rows."""
    return sorted(rows, key=lambda split: (split == "train", split))


def _examples(task: str, split: str, count: int, seed: int, taken: set[tuple[str, str | None]]) -> Iterator[Example]:
    rng = Random(stable_seed(seed, task, split))
    grammar = _OTHER_GRAMMARS.get((task, split), _GRAMMARS[task])
    repeats = 0
    while count:
        example = grammar(rng)
        if example[0] == example[1] or example[:2] in taken:
            repeats += 1
            if repeats > _MAX_REPEATS:
                raise UserError(f"synthetic {task} has little more than {len(taken)} different rows: ask for fewer")
            continue
        taken.add(example[:2])
        repeats = 0
        count -= 1
        yield example


def _table(examples: Iterator[Example]) -> pa.Table:
    texts_a, texts_b, labels = zip(*examples, strict=True)
    return pa.table(
        {
            "idx": pa.array(range(len(labels)), pa.int64()),
            "text_a": pa.array(texts_a, pa.string()),
            "text_b": pa.array(texts_b, pa.string()),
            "label": pa.array(labels),
        }
    )
