"""What probes find: planted labels from their layer on, the control task, splits, and scikit-learn as the oracle."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from multipress.data.tokenization import SPECIAL_TOKENS
from multipress.data.tokenization import build as tokenizer_of
from multipress.dissection.probes import regression
from multipress.dissection.probes.examples import Examples, ProbeSet
from multipress.dissection.probes.probe import probe_rows
from multipress.dissection.probes.regression import ask, majority, splits
from multipress.dissection.probes.states import States, encode_texts, read_states
from multipress.model.features import read_features
from tests.unit.dissection.probes.cases import word_set

TOKENIZER = tokenizer_of([*SPECIAL_TOKENS, "w", "##x", *(f"w{number}" for number in range(30))], lowercase=True)


def test_planted_labels_are_found_in_their_layer_and_not_below():
    examples, _ = word_set(lambda number: str(number % 2))
    labels = np.array(examples.sets["part_of_speech"].labels) == "1"
    layers = np.random.default_rng(1).normal(size=(4, len(labels), 12)).astype(np.float32)
    layers[2:, :, 3] += 8 * labels
    of_words = examples.sets["part_of_speech"]
    examples.sets["length"] = of_words.model_copy(update={"places": None})
    examples.sets["odd_word"] = ProbeSet(kind="semantics", left_out="for a reason")
    states = States(layers, np.arange(len(labels)))
    *of_texts, left_out = probe_rows({"part_of_speech": states, "length": states}, examples)
    found = [row for row in of_texts if row["probe"] == "part_of_speech"]
    assert [row["accuracy"] for row in of_texts if row["probe"] == "length"] == [row["accuracy"] for row in found]
    assert left_out == {"probe": "odd_word", "kind": "semantics", "n_examples": 0, "note": "for a reason"}
    accuracy = [row["accuracy"] for row in found]
    assert [row["layer"] for row in found] == [0, 1, 2, 3]
    assert max(accuracy[:2]) < 0.65
    assert min(accuracy[2:]) > 0.95
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in found)
    assert found[2]["selectivity"] > 0.3


def test_what_only_names_the_word_is_not_selective():
    examples, about = word_set(lambda number: str(number % 2), count=600)
    named = np.eye(30, dtype=np.float32)[about][None]
    (found,) = probe_rows({"part_of_speech": States(named, np.arange(len(about)))}, examples)
    assert found["accuracy"] == found["control_accuracy"] == 1
    assert found["selectivity"] == 0


def test_a_probe_is_scikit_learns_regression_on_standardized_features():
    generator = np.random.default_rng(2)
    states = generator.normal(3, 5, (200, 10))
    labels = np.array(["a", "b", "c"])[
        (states[:, 0] + generator.normal(0, 4, 200) > 3).astype(int) + (states[:, 1] > 6)
    ]
    parts = splits(labels, np.arange(200), 200)
    expected = []
    for part in parts:
        peer = make_pipeline(StandardScaler(), LogisticRegression(C=regression._STRENGTH, max_iter=2000, tol=1e-8))
        peer.fit(states[part.learned], labels[part.learned])
        expected.append(peer.score(states[part.asked], labels[part.asked]))
    answer = ask(states, labels, parts)
    assert answer.accuracy == pytest.approx(np.mean(expected), abs=0.005)
    half = 2.776445 * np.sqrt(np.var(expected, ddof=1) * (1 / 5 + 50 / 150))  # Student's t of four degrees
    assert answer.high - answer.accuracy == pytest.approx(half, abs=0.01)
    assert majority(labels, parts) == pytest.approx(
        np.mean([(labels[part.asked] == "b").mean() for part in parts]), abs=1
    )


@pytest.mark.parametrize(("dev", "asked"), [(40, 10), (100, 25), (20, 25), (0, 25)])
def test_a_quarter_of_the_dev_sets_texts_is_asked_and_of_all_where_those_are_too_few(dev, asked):
    sources = np.repeat(np.arange(100), 3)
    words = [f"w{number % 7}" for number in range(300)]
    parts = splits(np.array(["a", "b", "b"] * 100), sources, dev, words)
    assert len(parts) == regression.SPLITS
    assert len({tuple(part.asked) for part in parts}) == len(parts)
    for part in parts:
        assert not set(sources[part.learned]) & set(sources[part.asked])
        assert (len(part.learned), len(part.asked)) == (300 - 3 * asked, 3 * asked)
        assert sources[part.asked].max() < (dev if dev >= 40 else 100)
        assert len(set(zip(words, part.control, strict=True))) == 7


def test_splits_share_no_more_than_intervals_are_made_for():
    parts = splits(np.array(["a"] * 2000), np.arange(2000), 872)
    shared = [np.isin(one.asked, other.asked).mean() for one, other in itertools.combinations(parts, 2)]
    assert np.mean(shared) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("dev", "count"), [(470, 1880), (872, 2000)])
def test_nothing_is_found_in_noise(dev, count):
    generator = np.random.default_rng(3)
    labels = generator.choice(["a", "b"], count)
    parts = splits(labels, np.arange(count), dev)
    most = majority(labels, parts)
    answers = [ask(generator.normal(size=(count, 8)), labels, parts) for _ in range(20)]
    assert sum(answer.low > most for answer in answers) <= 3
    assert all(answer.low < answer.accuracy < answer.high for answer in answers)


def test_states_are_those_of_the_models_layers(model):
    texts = [["w1", "wx", "w2"], ["w3", "w4", "w5", "wx", "w6"], ["w7", "w8"]]
    whole = ProbeSet(kind="surface", texts=[2, 0], sources=[2, 0], labels=["a", "b"])
    of_words = ProbeSet(kind="syntax", texts=[1, 0, 1], sources=[1, 0, 1], labels=["a", "b", "a"], places=[4, 2, 0])
    examples = Examples(texts=texts, sets={"length": whole, "part_of_speech": of_words})
    read = encode_texts(examples, TOKENIZER, max_length=8)  # [CLS] w3 w4 w5 w ##x w6 [SEP]
    found = read_states(model, read, examples.sets, 2, torch.device("cpu"))
    for text, ids in enumerate(np.split(read.tokens.ids, read.tokens.offsets[1:-1])):
        hidden = read_features(model, torch.from_numpy(ids.astype(np.int64))[None]).hidden
        expected = np.stack([layer[0].detach().numpy() for layer in hidden])
        if text in whole.texts:
            assert np.allclose(found["length"].layers[:, whole.texts.index(text)], expected.mean(1), atol=1e-5)
        for number, (own, position) in enumerate(zip(of_words.texts, (6, 4, 1), strict=True)):
            if own == text:
                assert np.allclose(found["part_of_speech"].layers[:, number], expected[:, position], atol=1e-5)
    assert found["length"].kept.tolist() == [0, 1]
    cut = read_states(model, encode_texts(examples, TOKENIZER, 6), examples.sets, 2, torch.device("cpu"))
    assert cut["part_of_speech"].kept.tolist() == [1, 2]
    shorter = encode_texts(examples, TOKENIZER, 4)  # [CLS] w1 w [SEP]
    assert read_states(model, shorter, {"length": whole}, 2, torch.device("cpu"))["length"].kept.tolist() == [0]


def test_a_probe_that_cut_texts_leave_too_few_examples_says_so():
    examples, _ = word_set(lambda number: str(number % 2))
    kept = np.arange(5)
    (row,) = probe_rows({"part_of_speech": States(np.zeros((2, 5, 3), np.float32), kept)}, examples)
    assert row["note"] == "tokenize.max_length cuts 235 of 240 examples: too few are left"
    assert "accuracy" not in row
