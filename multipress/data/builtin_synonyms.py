"""The built-in lexicon as a dictionary of nlpaug, for machines without WordNet."""

from nlpaug.model.word_dict import WordDictionary

from multipress.data.lexicon import synonyms, tags


class BuiltinDictionary(WordDictionary):
    """The two lookups that nlpaug's synonym augmenter makes."""

    def predict(self, word: str, pos: str | None = None) -> list[str]:
        """Synonyms of a word, optionally as one part of speech (n, v, a, s, r)."""
        return synonyms(word, pos)

    def pos_tag(self, tokens: list[str]) -> list[tuple[str, str]]:
        """Each token with its Penn Treebank tag; DT, which nlpaug leaves alone, where no synonym is known."""
        return [(token, tags(token)[0] if synonyms(token) else "DT") for token in tokens]
