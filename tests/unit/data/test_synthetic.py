import re
import subprocess
import sys
from collections import Counter
from random import Random

import pyarrow as pa
import pytest

from multipress.core.errors import UserError
from multipress.data.glue import GLUE
from multipress.data.lexicon import ADJECTIVE, NOUN, VERB, words
from multipress.data.synthetic import corpus, generate
from multipress.data.synthetic.changes import near_miss, opposite, possible_changes, swap_roles
from multipress.data.synthetic.events import DOMAINS, UNSEEN_DOMAIN, Entity, Event, describe, draw_event
from multipress.data.synthetic.inference import contradict, extend, follow, stray
from multipress.data.synthetic.similarity import score

EVENT = Event(
    "market",
    Entity(words(NOUN, "market people")[2]),
    words(VERB, "handling")[0],
    Entity(words(NOUN, "market things")[0], words(ADJECTIVE, "colour")[0]),
    time="today",
)


def _rows(task, train=600, dev=200, seed=0):
    further = {split: dev for split in GLUE[task].dev_splits if split != "dev"}
    return generate(task, {"train": train, "dev": dev, **further}, seed)


def _texts(table):
    return set(zip(table["text_a"].to_pylist(), table["text_b"].to_pylist(), strict=True))


@pytest.mark.parametrize("task", GLUE)
def test_tables_have_the_schema_and_the_rows(task):
    spec = GLUE[task]
    tables = _rows(task)
    assert list(tables) == ["train", *spec.dev_splits]
    for split, table in tables.items():
        assert table.num_rows == (600 if split == "train" else 200)
        assert table.schema.field("label").type == (pa.float64() if spec.kind == "regression" else pa.int64())
        assert table["idx"].to_pylist() == list(range(table.num_rows))
        assert table["text_a"].null_count == 0
        assert table["text_b"].null_count == (0 if len(spec.text_columns) == 2 else table.num_rows)


@pytest.mark.parametrize("task", GLUE)
def test_labels_are_valid_and_no_guess_is_right_too_often(task):
    labels = _rows(task, train=2000)["train"]["label"].to_pylist()
    if GLUE[task].kind == "regression":
        assert min(labels) == 0.0
        assert max(labels) == 5.0
        assert len(set(labels)) > 10
    else:
        assert set(labels) == set(range(len(GLUE[task].labels)))
    assert Counter(labels).most_common(1)[0][1] <= 0.7 * len(labels)


@pytest.mark.parametrize("task", GLUE)
def test_no_row_stands_twice(task):
    tables = _rows(task)
    assert len(set.union(*map(_texts, tables.values()))) == sum(table.num_rows for table in tables.values())


@pytest.mark.parametrize("task", GLUE)
def test_dev_rows_do_not_depend_on_the_number_of_training_rows(task):
    few, many = _rows(task, train=100), _rows(task, train=300)
    assert few["dev"].equals(many["dev"])
    assert many["train"].slice(0, 100).equals(few["train"])


def test_seeds_differ_and_repeat():
    assert _rows("rte", seed=1)["train"].equals(_rows("rte", seed=1)["train"])
    assert not _rows("rte", seed=1)["train"].equals(_rows("rte", seed=2)["train"])


def test_another_process_writes_the_same():
    code = "from multipress.data.synthetic import *; print(generate('mnli', {'train': 50}, 3)['train'], *corpus(50, 3))"
    runs = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_unknown_task():
    with pytest.raises(UserError, match="no task 'wnli': known are cola"):
        generate("wnli", {"train": 1}, 0)


def test_the_mismatched_dev_set_is_of_another_domain():
    tables = _rows("mnli")
    foreign = {
        lemma for kind in ("people", "things") for s in words(NOUN, f"{UNSEEN_DOMAIN} {kind}") for lemma in s.lemmas
    }
    for split, expected in (("train", False), ("dev", False), ("dev_mismatched", True)):
        for premise in tables[split]["text_a"].to_pylist():
            assert bool(foreign & set(re.findall(r"\w+", premise.lower()))) == expected


def test_the_corpus_has_nearly_every_word_of_every_task():
    known = _words(corpus(8000, 0))
    assert len(known) < 1000
    for task in GLUE:
        texts = [text for row in _rows(task)["train"].to_pylist() for text in (row["text_a"], row["text_b"]) if text]
        used = [word for text in texts for word in re.findall(r"\w+", text.lower())]
        assert sum(word in known for word in used) > 0.99 * len(used)


def test_corpus_lines_are_lines():
    lines = list(corpus(200, 0))
    assert len(lines) == 200
    assert all(line.strip() == line != "" and "\n" not in line for line in lines)


def _words(lines):
    return {word for line in lines for word in re.findall(r"\w+", line.lower())}


def test_telling_keeps_the_roles_in_both_voices():
    rng = Random(0)
    active, passive = describe(rng, EVENT, passive=0.0), describe(rng, EVENT, passive=1.0)
    assert re.search(r"the baker (bought|purchased) the (red|crimson) (car|automobile)", active, re.IGNORECASE)
    assert re.search(r"the (red|crimson) (car|automobile) was (bought|purchased) by the baker", passive, re.IGNORECASE)


def test_opposites_are_mutual():
    rng = Random(0)
    for _ in range(200):
        event = draw_event(rng)
        assert opposite(rng, event).verb != event.verb
        assert opposite(rng, opposite(rng, event)) == event


def test_near_misses_are_other_events():
    rng = Random(0)
    for _ in range(500):
        event = draw_event(rng)
        assert near_miss(rng, event) != event
        assert all(change(rng, event) != event for change in possible_changes(event))


def test_only_persons_exchange_roles():
    rng = Random(0)
    people = {s for domain in DOMAINS for s in words(NOUN, f"{domain} people")}
    for event in (draw_event(rng) for _ in range(300)):
        assert (swap_roles in possible_changes(event)) == (event.patient.noun in people)


def test_what_follows_says_nothing_new():
    rng = Random(0)
    for _ in range(300):
        premise = draw_event(rng)
        follows = follow(rng, premise)
        assert follows.place in (premise.place, None)
        assert follows.time in (premise.time, None)
        assert follows.agent in (premise.agent, Entity(premise.agent.noun))
        assert (follows.verb, follows.negated) == (premise.verb, premise.negated)


@pytest.mark.parametrize("change", [extend, contradict, stray])
def test_what_does_not_follow_is_no_part_of_the_premise(change):
    rng = Random(0)
    for _ in range(300):
        premise = draw_event(rng)
        hypothesis = change(rng, premise)
        assert any(_says(hypothesis, part) not in (None, _says(premise, part)) for part in _PARTS)


_PARTS = {
    "agent": lambda event: event.agent.noun,
    "agent attribute": lambda event: event.agent.attribute,
    "verb": lambda event: event.verb,
    "patient": lambda event: event.patient.noun,
    "patient attribute": lambda event: event.patient.attribute,
    "place": lambda event: event.place,
    "time": lambda event: event.time,
    "truth": lambda event: event.negated,
}


def _says(event, part):
    return _PARTS[part](event)


def test_similarity_falls_with_each_difference():
    rng = Random(0)
    assert score(EVENT, EVENT) == 5.0
    changed = EVENT
    scores = [5.0]
    for change in ("change_time", "change_patient", "change_verb", "change_agent"):
        changed = next(c for c in possible_changes(EVENT) if c.__name__ == change)(rng, changed)
        scores.append(score(EVENT, changed))
    assert scores == sorted(set(scores), reverse=True)
    assert scores[-1] == 0.0


def test_similarity_comes_in_steps_of_a_fifth():
    labels = _rows("stsb")["train"]["label"].to_pylist()
    assert all(label == round(label, 1) and round(10 * label) % 2 == 0 for label in labels)


def test_reviews_get_the_polarity_of_their_last_claim():
    opinions = {
        lemma: label
        for label, kind in enumerate(("blame", "praise"))
        for synset in words(ADJECTIVE, kind)
        for lemma in synset.lemmas
    }
    claim = r"the \w+ is (?:(?:very|really|rather|fairly) )?(\w+)"
    denial = r"the \w+ (?:is not|is never|is hardly|is far from|fails to be) (\w+)"
    patterns = {
        claim: 0,
        denial: 1,
        f"{claim} but {claim}": 0,
        f"{claim} but {denial}": 1,
        f"{claim} although {denial}": 0,
    }
    matches = Counter()
    for row in _rows("sst2", train=4000)["train"].to_pylist():
        for pattern, negations in patterns.items():
            if match := re.fullmatch(pattern + r"\.", row["text_a"], re.IGNORECASE):
                matches[pattern] += 1
                judged = match[1] if "although" in pattern else match[match.lastindex]
                assert row["label"] == (opinions[judged] + negations) % 2
    assert min(matches[pattern] for pattern in patterns) > 20


def test_an_exhausted_grammar_is_named(monkeypatch):
    from multipress.data.synthetic import tables

    monkeypatch.setitem(tables._GRAMMARS, "sst2", lambda rng: (f"Film {rng.randrange(20)}.", None, 1))
    with pytest.raises(UserError, match="synthetic sst2 has little more than 20 different rows"):
        generate("sst2", {"train": 50}, seed=0)
