"""Examples of probes: swaps swap, replaced words are nouns, and what cannot be made is named."""

from collections import Counter

import pytest

from multipress.core.errors import UserError
from multipress.core.files import write_json
from multipress.dissection.probes import build as building
from multipress.dissection.probes import semantics, surface
from multipress.dissection.probes.build import build
from multipress.dissection.probes.examples import read_examples
from multipress.dissection.probes.settings import KINDS
from multipress.dissection.probes.texts import Text
from tests.unit.dissection.probes.cases import rows, tag


@pytest.fixture
def made(monkeypatch):
    """All probes, with a tagger and a WordNet that read the made-up words."""
    monkeypatch.setattr(building, "missing_packages", lambda packages: [])
    monkeypatch.setattr(building, "tagged", lambda texts, with_tagger: [Text(words, tag(words)) for words in texts])
    monkeypatch.setattr(semantics, "_only_field", lambda word, part: f"{part}.{'early' if word[4] < 'm' else 'late'}")
    return build(rows(150), rows(900, seed=1, first=150), KINDS, 400)


def originals(made, probe):
    """The text that each example of a probe was made of, as the probe of lengths has it."""
    unchanged = made.sets["length"]
    texts = {source: made.texts[text] for source, text in zip(unchanged.sources, unchanged.texts, strict=True)}
    return [texts[source] for source in made.sets[probe].sources]


def test_swapped_texts_have_two_neighbours_changed_and_others_nothing(made):
    asked = made.sets["word_swap"]
    for text, label, words in zip(asked.texts, asked.labels, originals(made, "word_swap"), strict=True):
        read = made.texts[text]
        differ = [place for place, pair in enumerate(zip(read, words, strict=True)) if pair[0] != pair[1]]
        assert len(differ) == (2 if label == "swapped" else 0)
        if differ:
            first, second = differ
            assert second == first + 1
            assert [read[first], read[second]] == [words[second], words[first]]
    assert abs(Counter(asked.labels)["swapped"] - len(asked.labels) / 2) <= 1
    assert len(set(asked.sources)) == len(asked.sources)


def test_odd_texts_have_one_noun_that_is_another(made):
    asked = made.sets["odd_word"]
    for text, label, words in zip(asked.texts, asked.labels, originals(made, "odd_word"), strict=True):
        differ = [pair for pair in zip(made.texts[text], words, strict=True) if pair[0] != pair[1]]
        assert len(differ) == (label == "odd")
        assert all(new.startswith("noun") and old.startswith("noun") and new not in words for new, old in differ)
    assert set(asked.labels) == {"odd", "original"}


def test_labels_say_what_they_are_about(made):
    for text, label, word in zip(
        *(getattr(made.sets["supersense"], name) for name in ("texts", "labels")), made.words("supersense"), strict=True
    ):
        assert word in made.texts[text]
        assert label == f"{word[0]}.{'early' if word[4] < 'm' else 'late'}"
    asked = made.sets["part_of_speech"]
    assert {(word[:4], label) for word, label in zip(made.words("part_of_speech"), asked.labels, strict=True)} <= {
        ("noun", "NN"),
        ("verb", "VB"),
    }
    assert max(Counter(made.words("part_of_speech")).values()) <= 10
    bins = {}
    for text, label in zip(made.sets["length"].texts, made.sets["length"].labels, strict=True):
        bins.setdefault(label, set()).add(len(made.texts[text]))
    assert len(bins) == 5
    assert sum(map(len, bins.values())) == len(set.union(*bins.values()))


def test_a_text_has_one_of_the_words_of_middle_frequency():
    words = [f"mid{letter}{other}" for letter in "abcd" for other in "abcdefghij"]
    texts = [Text(("the", *words[number % 40 : number % 40 + 1 + (number % 5 == 0)]), ()) for number in range(400)]
    found = surface.word_content(texts, None)
    chosen = {example.label for example in found}
    assert len(chosen) == 20
    assert "the" not in chosen
    for example in found:
        assert chosen & set(example.words) == {example.label}
        assert example.words == texts[example.source].words


def test_training_texts_come_where_the_dev_set_does_not_suffice(made):
    asked = made.sets["length"]
    assert (asked.dev_texts, len(asked.labels)) == (150, 400)
    assert asked.training_texts(asked.sources) == pytest.approx(250 / 400)
    alone = build(rows(150), rows(900, seed=1, first=150), ["length"], 100)
    assert alone.sets["length"].training_texts(alone.sets["length"].sources) == 0
    again = build(rows(150), rows(900, seed=1, first=150), ["length"], 100)
    assert alone == again


def test_what_cannot_be_made_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(building, "missing_packages", lambda packages: sorted(packages))
    found = build(rows(150), rows(10, seed=1, first=150), KINDS, 100).sets
    assert [name for name, asked in found.items() if not asked.left_out] == ["length", "word_swap"]
    assert found["supersense"].left_out.startswith(
        "the NLTK data corpora/wordnet and taggers/averaged_perceptron_tagger_eng is missing"
    )
    short = build(rows(150, words=(1, 3)), rows(10, words=(1, 3)), ["length"], 100).sets["length"]
    assert short.left_out == "texts of 5 to 64 words give 0 examples of 0 labels: it takes 40 of two"
    write_json(tmp_path / "examples.json", {"texts": "none"})
    with pytest.raises(UserError, match=r"examples\.json.*delete it and rerun probe_data"):
        read_examples(tmp_path / "examples.json")
