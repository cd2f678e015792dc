"""Step er<rank>: two factors of the word table."""

from dataclasses import replace

from multipress.compression.factorize_words.ranks import WHOLE, check_rank
from multipress.compression.factorize_words.settings import FactorizeWordsSettings
from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize


def _planned(size: PlannedSize, rank: int) -> PlannedSize:
    if rank == WHOLE:
        return size
    ((rows, columns),) = size.words
    check_rank(rank, rows, columns)
    return replace(size, words=((rows, rank), (rank, columns)))


SPEC = Method(
    name="factorize_words",
    prefix="er",
    group=Group.STRUCTURE,
    rank=6,
    label="EF",
    family="matrix decomposition",
    settings=FactorizeWordsSettings,
    argument=Argument("rank", 1, WHOLE - 1, example=4),
    control=WHOLE,
    planned=_planned,
)
