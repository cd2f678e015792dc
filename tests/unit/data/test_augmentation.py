import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from multipress.core.errors import UserError
from multipress.data import augmentation, wordnet
from multipress.data.augmentation import augment
from multipress.data.lexicon import synonyms
from multipress.data.settings.augmentation import AugmentSettings
from multipress.data.synthetic import generate
from multipress.data.wordnet import check_wordnet
from tests import forked

BUILTIN = AugmentSettings(lexicon="builtin")
SCHEMA = pa.schema([("idx", pa.int64()), ("text_a", pa.string()), ("text_b", pa.string()), ("label", pa.int64())])


def _table(*pairs):
    rows = [{"idx": 10 + n, "text_a": a, "text_b": b, "label": n % 2} for n, (a, b) in enumerate(pairs)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _with(**values):
    return BUILTIN.model_copy(update=values)


def test_copies_stand_beside_their_original_row():
    rows = generate("stsb", {"train": 5}, 0)["train"]
    copies = augment(rows, _with(copies=3))
    assert copies.schema.names == ["idx", "copy", "text_a", "text_b", "label"]
    assert copies.schema.field("copy").type == pa.int64()
    assert copies.schema.field("label").type == pa.float64()
    assert copies["idx"].to_pylist() == [idx for idx in range(5) for _ in range(3)]
    assert copies["copy"].to_pylist() == [1, 2, 3] * 5
    assert copies["label"].to_pylist()[::3] == rows["label"].to_pylist()


def test_no_copies_are_an_empty_table_of_the_same_schema():
    rows = generate("rte", {"train": 5}, 0)["train"]
    none = augment(rows, _with(copies=0))
    assert none.num_rows == 0
    assert none.schema == augment(rows, BUILTIN).schema


def test_words_change_for_synonyms_and_for_nothing_else():
    rows = generate("mrpc", {"train": 200}, 0)["train"]
    changed = 0
    for before, after in _pairs(rows, augment(rows, BUILTIN)):
        for column in ("text_a", "text_b"):
            old, new = (re.findall(r"\w+|\W+", row[column]) for row in (before, after))
            different = [(one, two) for one, two in zip(old, new, strict=True) if one != two]
            changed += bool(different)
            assert all(two.lower() in synonyms(one) and one[0].isupper() == two[0].isupper() for one, two in different)
    assert changed > 350


def _pairs(rows, copies):
    """Each copy beside its original."""
    originals = {row["idx"]: row for row in rows.to_pylist()}
    return [(originals[copy["idx"]], copy) for copy in copies.to_pylist()]


def test_more_words_change_with_a_larger_fraction():
    rows = generate("rte", {"train": 100}, 0)["train"]
    few, many = (_changes(rows, augment(rows, _with(fraction=fraction))) for fraction in (0.01, 1.0))
    assert many > 2 * few
    assert _changes(rows, augment(rows, _with(fraction=1.0, max_words=1))) <= 200


def _changes(before, after):
    return sum(
        one != two
        for old, new in _pairs(before, after)
        for column in ("text_a", "text_b")
        for one, two in zip(old[column].split(), new[column].split(), strict=True)
    )


@pytest.mark.parametrize(
    "text", ["Hello", "", "   ", "...", "I don't think it 's John's  (well-made) \"book\", though!"]
)
def test_texts_without_synonyms_stay_as_they_are(text):
    pair = (text, "A car.")
    assert augment(_table(pair), BUILTIN).to_pylist() == [
        {"idx": 10, "copy": 1, "text_a": text, "text_b": "A automobile.", "label": 0}
    ]
    assert augment(_table((text, None)), BUILTIN).num_rows == 0


def test_a_copy_is_no_training_row():
    """Each row has one word to replace, and that one synonym: the first and third row are copies of each other."""
    rows = _table(("a car", None), ("An  Automobile", None), ("A  AUTOMOBILE", None), ("a hat", "x"), ("a cap", "y"))
    copies = augment(rows, BUILTIN).to_pylist()
    assert [(row["idx"], row["text_a"]) for row in copies] == [(11, "An  Car"), (13, "a cap"), (14, "a hat")]


def test_a_copy_that_was_its_own_original_is_tried_again():
    text = "car " + "Hello " * 30
    rows = _table(*((f"{text}{number}", None) for number in range(40)))
    assert augment(rows, _with(max_words=1)).num_rows == 40


def test_listed_words_stay():
    text = "The happy boy bought a big red Car and an old hat near the small garage."
    [copy] = augment(_table((text, None)), _with(fraction=1.0, stop_words=("car", "OLD"))).to_pylist()
    assert "Car and an old cap" in copy["text_a"]
    assert "purchased" in copy["text_a"]


@pytest.mark.parametrize(
    "text",
    [
        "red\u0301 re\u0301d r\u0308ed",  # decomposed accents: none of these is the word red
        "nin\u0303o car\u0323, 'car\u0327\u0301'",
        "car\u00adrot hot\u00adel big\u200dred",  # a soft hyphen, a joiner
        "\u0939\u093f\u0928\u094d\u0926\u0940",  # vowel signs
        "shop\U000e0100",
    ],
)
def test_a_combining_mark_is_part_of_its_word(text):
    [copy] = augment(_table((f"{text} car", None)), _with(fraction=1.0)).to_pylist()
    assert copy["text_a"] == f"{text} automobile"


def test_spaces_and_marks_survive_beside_a_replaced_word():
    text = "He didn't buy the 'big'  (red) car , I 'd say ."
    [copy] = augment(_table((text, text)), _with(fraction=1.0)).to_pylist()
    expected = "He didn't purchase the 'big'  (crimson) automobile , I 'd say ."
    assert copy["text_a"] == copy["text_b"] == expected


def test_a_row_is_augmented_alike_in_any_company():
    rows = generate("rte", {"train": 40}, 0)["train"]
    together = augment(rows, _with(copies=2))
    random.seed(5)
    alone = [augment(rows.slice(start, 1), _with(copies=2)) for start in reversed(range(40))]
    assert pa.concat_tables(reversed(alone)).combine_chunks() == together.combine_chunks()


def test_copies_columns_and_seeds_differ():
    text = "The happy boy bought a big red car and a cheap old coat in the large shop near the small garage."
    rows = augment(_table((text, text)), _with(copies=2)).to_pylist()
    other = augment(_table((text, text)), _with(copies=2, seed=1)).to_pylist()
    assert len({row[column] for row in rows + other for column in ("text_a", "text_b")}) == 8


def test_processes_change_nothing(monkeypatch):
    rows = generate("cola", {"train": 1100}, 0)["train"]
    alone = augment(rows, BUILTIN)
    monkeypatch.setattr(augmentation, "_ROWS_WORTH_A_PROCESS", 500)
    assert augment(rows, BUILTIN, processes=2) == alone


def test_missing_wordnet_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(wordnet, "_nltk_folders", lambda: [tmp_path])
    (tmp_path / "corpora" / "wordnet").mkdir(parents=True)
    with pytest.raises(UserError, match=r"NLTK data taggers/averaged.*nltk.downloader averaged_perceptron_tagger_eng,"):
        augment(_table(("a", "b")), AugmentSettings())
    (tmp_path / "taggers").mkdir()
    (tmp_path / "taggers" / "averaged_perceptron_tagger_eng.zip").touch()
    check_wordnet()


def test_wordnet_is_sought_where_nltk_seeks_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    searched = subprocess.run(
        [sys.executable, "-c", "import nltk.data; print(*nltk.data.path, sep='\\n')"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {str(folder) for folder in wordnet._nltk_folders()} >= set(searched.stdout.split("\n")[:-1])


def test_script_writes_the_copies(tmp_path):
    rows = generate("sst2", {"train": 20}, 0)["train"]
    pq.write_table(rows, tmp_path / "train.parquet")
    _run(tmp_path, {"lexicon": "builtin", "copies": 2}).check_returncode()
    written = pq.read_table(tmp_path / "out" / "augmented.parquet")
    assert written == augment(rows, _with(copies=2))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["augmented.parquet"]


def test_script_refuses_an_unknown_lexicon(tmp_path):
    result = _run(tmp_path, {"lexicon": "thesaurus"})
    assert result.returncode == 1
    assert "settings.lexicon" in result.stderr
    assert "Traceback" not in result.stderr


def _run(folder, settings):
    command = [sys.executable, "-m", "workflow_scripts.augment", "--params", json.dumps({"settings": settings})]
    paths = ["--rows", folder / "train.parquet", "--output", folder / "out" / "augmented.parquet"]
    return forked.run_text([*command, *paths])


@pytest.fixture
def real_wordnet(monkeypatch):
    folder = Path(os.environ.get("MULTIPRESS_REAL_DATA", "missing"), "nltk_data")
    if not folder.is_dir():
        pytest.skip("MULTIPRESS_REAL_DATA names no folder with nltk_data")
    import nltk.data

    monkeypatch.setenv("NLTK_DATA", str(folder))  # for worker processes
    monkeypatch.setattr(nltk.data, "path", [str(folder)])


@pytest.mark.usefixtures("real_wordnet")
def test_wordnet_augments_alike_in_one_process_and_in_two(monkeypatch):
    rows = generate("cola", {"train": 600}, 0)["train"]
    alone = augment(rows, AugmentSettings())
    monkeypatch.setattr(augmentation, "_ROWS_WORTH_A_PROCESS", 100)
    assert augment(rows, AugmentSettings(), processes=2) == alone
    assert len(alone) > 400
    assert all(old["text_a"] != new["text_a"] for old, new in _pairs(rows, alone))


@pytest.mark.usefixtures("real_wordnet")
def test_function_words_and_names_stay_unless_they_may_go():
    text = "Could he have told us that Mary was in it, or would she see the old dog beside Paris?"
    kept = re.findall(r"\w+", re.sub("told|see|old|dog", "", text))
    words = AugmentSettings(fraction=1.0, max_words=100)
    [copy] = augment(_table((text, None)), words).to_pylist()
    assert [word for word in re.findall(r"\w+", copy["text_a"]) if word in kept] == kept
    assert "old dog" not in copy["text_a"]
    [other] = augment(_table((text, None)), words.model_copy(update={"stop_words": "none"})).to_pylist()
    assert len([word for word in re.findall(r"\w+", other["text_a"]) if word in kept]) < len(kept)


@pytest.mark.usefixtures("real_wordnet")
def test_a_word_in_small_letters_is_no_abbreviation():
    from multipress.data.wordnet_synonyms import CasedWordNet

    words = CasedWordNet(lang="eng")
    assert words.predict("it") == []
    assert "information_technology" in words.predict("IT")
    assert "car" in words.predict("automobiles", "n")
    assert "auto" in words.predict("Car", "n")


STOPPED = """
import signal, threading
from multipress.data.augmentation import augment
from tests.unit.data.test_augmentation import BUILTIN, _table

if __name__ == "__main__":
    threading.Timer(5, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()
    augment(_table(*[("the good film " * 60, None)] * 120000), BUILTIN, processes=2)
"""


def test_an_interruption_waits_for_no_worker(tmp_path):
    """The workers have more to do than the time that is granted."""
    (tmp_path / "stopped.py").write_text(STOPPED)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, str(tmp_path / "stopped.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=80, check=False)
    assert "KeyboardInterrupt" in done.stderr
