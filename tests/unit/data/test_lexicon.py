from itertools import combinations

import pytest

from multipress.data import lexicon
from multipress.data.lexicon import ADJECTIVE, NOUN, TAGS, VERB, inflect, synonyms, tags, words


def _synsets():
    return [s for categories in lexicon._CATEGORIES.values() for synsets in categories.values() for s in synsets]


@pytest.mark.parametrize(
    ("lemma", "tag", "form"),
    [
        ("buy", "VBD", "bought"),
        ("give", "VBN", "given"),
        ("cry", "VBZ", "cries"),
        ("enjoy", "VBD", "enjoyed"),
        ("rescue", "VBG", "rescuing"),
        ("wash", "VBZ", "washes"),
        ("snub", "VBG", "snubbing"),
        ("library", "NNS", "libraries"),
        ("thief", "NNS", "thieves"),
        ("box", "NNS", "boxes"),
        ("boy", "NNS", "boys"),
        ("red", "JJ", "red"),
    ],
)
def test_inflection(lemma, tag, form):
    assert inflect(lemma, tag) == form


def test_synonyms_keep_the_inflection_and_ignore_case():
    assert synonyms("bought", VERB) == ["purchased"]
    assert synonyms("Cars") == ["automobiles"]
    assert synonyms("big", "s") == synonyms("big", ADJECTIVE) == ["large"]
    assert synonyms("big", NOUN) == synonyms("the") == synonyms("baker") == []


def test_synonymy_is_symmetric_and_irreflexive():
    for synset in _synsets():
        for tag in TAGS[synset.part]:
            for one, two in combinations([inflect(lemma, tag) for lemma in synset.lemmas], 2):
                assert two in synonyms(one, synset.part)
                assert one in synonyms(two, synset.part)
                assert one not in synonyms(one)


def test_no_form_is_ambiguous_between_meanings():
    owners = {}
    for synset in _synsets():
        for form in {inflect(lemma, tag) for lemma in synset.lemmas for tag in TAGS[synset.part]}:
            assert owners.setdefault(form, synset) == synset
    assert 400 <= len(owners) <= 900


def test_tags():
    assert tags("mended") == ["VBD", "VBN"]
    assert tags("Meadows") == ["NNS"]
    assert tags("qwerty") == []


@pytest.mark.parametrize("category", ["handling", "treating"])
def test_every_verb_of_an_event_has_an_opposite(category):
    assert len(words(VERB, category)) % 2 == 0


def test_unknown_category():
    with pytest.raises(KeyError):
        words(NOUN, "moon people")
