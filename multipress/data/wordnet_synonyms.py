"""WordNet as a dictionary of nlpaug that minds capital letters."""

from nlpaug.model.word_dict import WordNet


class CasedWordNet(WordNet):
    """nlpaug looks words up in small letters, and so takes ``it`` for IT and ``us`` for the US.

    Here a meaning counts only if one of its words is written as the word looked up is: at the beginning of a sentence
    with or without a capital letter.
    """

    def predict(self, word: str, pos: str | None = None) -> list[str]:
        """Synonyms of a word, optionally as one part of speech (n, v, a, s, r)."""
        found: list[str] = []
        for meaning in self.model.synsets(word, pos=pos):
            names = [lemma.name() for lemma in meaning.lemmas()]
            base = self.model.morphy(word.lower(), meaning.pos()) or word.lower()
            spelled = [name for name in names if name.lower() in (base, word.lower())]
            if not spelled or {word, word.lower(), base} & set(spelled):
                found += names
        return found
