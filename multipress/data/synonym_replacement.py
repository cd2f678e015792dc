"""nlpaug's synonym augmenter with a dictionary of one's own choice, and with words that stay as they are."""

from collections.abc import Callable, Collection

from nlpaug.augmenter.word import SynonymAug
from nlpaug.model.word_dict import WordDictionary

Stays = Callable[[str, str], bool]
"""Whether a word with this Penn Treebank tag stays as it is."""

_CLOSED = {"CC", "DT", "EX", "IN", "MD", "PDT", "PRP", "PRP$", "RP", "TO", "WDT", "WP", "WP$", "WRB"}
"""Conjunctions, determiners, prepositions, modals, pronouns, particles and question words."""

_NAMES = {"NNP", "NNPS"}

_AUXILIARIES = "be am is are was were been being have has had having do does did doing done 's 're 've 'm 'd 'll"
"""Be, have and do, whose tags are those of other verbs, and what is left of them in contractions."""


def stays(stop_words: str | Collection[str]) -> Stays:
    """Which words stay: none, function words and names of English, or those of a list, in any case of their letters."""
    if stop_words == "none":
        return lambda word, tag: False
    if stop_words == "english":
        auxiliaries = frozenset(_AUXILIARIES.split())
        return lambda word, tag: tag in _CLOSED or tag in _NAMES or word.lower().replace("’", "'") in auxiliaries
    listed = {word.lower() for word in stop_words}
    return lambda word, tag: word.lower() in listed


class SynonymReplacement(SynonymAug):
    """Replaces words by synonyms of a dictionary."""

    def __init__(self, dictionary: WordDictionary, stays: Stays, **options: object) -> None:
        """Take nlpaug's options, the source of synonyms apart."""
        super().__init__(aug_src="wordnet", **options)
        self.model = dictionary
        self._stays = stays

    @classmethod
    def get_model(cls, aug_src: str, lang: str, dict_path: str | None, force_reload: bool) -> None:
        """Nothing, where nlpaug would load its own dictionary."""

    def skip_aug(self, token_idxes: list[int], tokens: list[tuple[str, str]]) -> list[int]:
        """Of these positions, those whose tagged words may be replaced."""
        return [index for index in super().skip_aug(token_idxes, tokens) if not self._stays(*tokens[index])]
