"""What probes ask: examples, each a text, perhaps a word of it, and a label; one file for each task."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.settings import Section
from multipress.core.validation import explain
from multipress.dissection.probes.settings import Kind


class Example(NamedTuple):
    """One example while a probe is made."""

    source: int
    """Number of the text that it was made of."""
    words: tuple[str, ...]
    """What a model reads: that text, or what was made of it."""
    label: str
    place: int | None = None
    """Number of the word that the label is about; None: the whole text."""


class ProbeSet(Section):
    """The examples of a probe, side by side."""

    kind: Kind
    texts: list[int] = []
    """What a model reads, as numbers in ``Examples.texts``."""
    sources: list[int] = []
    """The text that each was made of: those of one text are either learned or asked, never both."""
    labels: list[str] = []
    places: list[int] | None = None
    """The word that each label is about; None: the whole text."""
    dev_texts: int = 0
    """Sources from this number on are texts of training rows, those below of the dev set."""
    left_out: str = ""
    """Why there are no examples; empty where there are."""

    def training_texts(self, sources: Collection[int]) -> float:
        """The share of examples of these sources whose text is of a training row."""
        return sum(source >= self.dev_texts for source in sources) / max(1, len(sources))


class Examples(Section):
    """The examples of all probes of a task."""

    texts: list[list[str]]
    sets: dict[str, ProbeSet]
    """By the probe's name."""

    def words(self, probe: str) -> list[str]:
        """The word that each example is about, in small letters; none where a probe is about whole texts."""
        found = self.sets[probe]
        if found.places is None:
            return []
        return [self.texts[text][place].lower() for text, place in zip(found.texts, found.places, strict=True)]


def read_examples(path: Path) -> Examples:
    """Read the file of a task.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        return Examples.model_validate(read_json(path))
    except ValidationError as error:
        raise UserError(f"{explain(error, Examples, str(path))}; delete it and rerun probe_data") from None
