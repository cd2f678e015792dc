import json
import sys
from itertools import islice

import pytest
import zstandard
from transformers import AutoTokenizer, BertTokenizer

from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.data.corpus import lines
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.vocabulary import train
from tests import forked

LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789!?.,'-()$€…日本語"]
WORDS = ["the", "cafe", "café", "naive", "un", "##affable", "##able", "New", "york", "İ", "Straße", "##st", "\u2028"]
VOCABULARY = [*tokenization.SPECIAL_TOKENS, *LETTERS, *(f"##{letter}" for letter in LETTERS), *WORDS]
TRICKY = [
    "The Café is naïve, UNAFFABLE!",
    "日本語 text日本",
    "don't (stop) -- $5.00… €3?",
    "tabs\tand\u00a0spaces\u3000and\u200bzero\x00width\ufffd",
    "İstanbul Straße ﬁne",
    "e\u0301 combining, [MASK] and [SEP] inside",
    "x" * 120,
    "🙂 unknown",
    "New York New  york\r\n",
]
CORPUS = [f"the number {number} is {'even' if number % 2 == 0 else 'odd'}, Ça va?" for number in range(400)]


@pytest.fixture
def vocabulary_folder(tmp_path):
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in VOCABULARY), encoding="utf-8")
    return folder


def run(script, params, *paths):
    command = [sys.executable, "-m", f"workflow_scripts.{script}", "--params", json.dumps(params)]
    return forked.run_text([*command, *paths])


def import_folder(folder, lowercase):
    return tokenization.build_form(read_tokenizer_form(folder, lowercase))


def ids(tokenizer, first, second=None, max_length=512):
    return [row.tolist() for row, _ in tokenization.encode(tokenizer, first, second, max_length)]


@pytest.mark.parametrize("lowercase", [True, False])
def test_same_ids_as_bert(vocabulary_folder, tmp_path, lowercase):
    ours = import_folder(vocabulary_folder, lowercase)
    tokenization.save(ours, tmp_path / "saved", lowercase)
    reference = BertTokenizer(str(vocabulary_folder / "vocab.txt"), do_lower_case=lowercase)
    loaded = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert ids(ours, TRICKY) == reference(TRICKY)["input_ids"] == loaded(TRICKY)["input_ids"]
    pairs = list(reversed(TRICKY))
    assert ids(ours, TRICKY, pairs) == reference(TRICKY, pairs)["input_ids"] == loaded(TRICKY, pairs)["input_ids"]


@pytest.mark.parametrize("max_length", [8, 9, 16, 31])
def test_pairs_are_truncated_as_transformers_does(vocabulary_folder, max_length):
    ours = import_folder(vocabulary_folder, lowercase=True)
    reference = BertTokenizer(str(vocabulary_folder / "vocab.txt"))
    first = [*TRICKY, "a", "a " * 50, "a " * 50]
    second = [*reversed(TRICKY), "b " * 50, "b", "b " * 50]
    expected = reference(first, second, truncation="longest_first", max_length=max_length)
    encoded = list(tokenization.encode(ours, first, second, max_length))
    assert [row.tolist() for row, _ in encoded] == expected["input_ids"]
    assert [length for _, length in encoded] == [types.count(0) for types in expected["token_type_ids"]]
    assert max(len(row) for row, _ in encoded) == max_length


def test_saved_files_are_a_working_bert_tokenizer(vocabulary_folder, tmp_path):
    params = {"lowercase": True}
    process = run("import_tokenizer", params, "--source-dir", vocabulary_folder, "--output-dir", tmp_path / "saved")
    assert process.returncode == 0, process.stderr
    files = {path.name for path in (tmp_path / "saved").iterdir()}
    assert files == {"tokenizer.json", "tokenizer_config.json", "vocab.txt"}
    loaded = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert isinstance(loaded, BertTokenizer)
    assert loaded.all_special_ids == [VOCABULARY.index(token) for token in loaded.all_special_tokens]
    assert set(loaded.all_special_tokens) == set(tokenization.SPECIAL_TOKENS)
    assert loaded.mask_token_id == 4
    assert loaded.decode(loaded("Unaffable cafés")["input_ids"], skip_special_tokens=True) == "unaffable cafes"
    assert (tmp_path / "saved" / "vocab.txt").read_bytes() == (vocabulary_folder / "vocab.txt").read_bytes()


def test_import_of_a_tokenizer_json_gives_the_same_files(vocabulary_folder, tmp_path):
    tokenization.save(import_folder(vocabulary_folder, True), tmp_path / "saved", True)
    (tmp_path / "saved" / "vocab.txt").rename(tmp_path / "vocab.txt")
    tokenization.save(import_folder(tmp_path / "saved", True), tmp_path / "again", True)
    assert (tmp_path / "again" / "vocab.txt").read_bytes() == (tmp_path / "vocab.txt").read_bytes()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "saved" / name).read_bytes()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n", r"no \[MASK\]"),
        (b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\na\n", "line 8: token 'a' is already on line 6"),
        (b"[PAD]\n\n[UNK]\n", "line 2 is empty"),
        (b"[PAD]\n\xff\n", "is not UTF-8"),
    ],
)
def test_a_damaged_vocabulary_is_refused(tmp_path, data, message):
    (tmp_path / "vocab.txt").write_bytes(data)
    with pytest.raises(UserError, match=message):
        import_folder(tmp_path, lowercase=True)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"neither vocab\.txt nor tokenizer\.json"):
        import_folder(tmp_path, lowercase=True)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UserError, match="is no tokenizer"):
        import_folder(tmp_path, lowercase=True)


def test_training_gives_the_same_bytes_in_every_process(tmp_path):
    (tmp_path / "text.txt").write_text("\n".join(CORPUS), encoding="utf-8")
    params = {"vocabulary": 300, "lowercase": True}
    for name in ("one", "two", "three"):
        process = run("train_tokenizer", params, "--output-dir", tmp_path / name, "--corpus", tmp_path / "text.txt")
        assert process.returncode == 0, process.stderr
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        assert len({(tmp_path / run / name).read_bytes() for run in ("one", "two", "three")}) == 1
    loaded = AutoTokenizer.from_pretrained(tmp_path / "one")
    assert ids(tokenization.read_tokenizer(tmp_path / "one" / "tokenizer.json"), CORPUS) == loaded(CORPUS)["input_ids"]
    assert loaded.tokenize("The NUMBER is even") == ["the", "number", "is", "even"]


def test_training_on_the_synthetic_corpus(tmp_path):
    corpus = tmp_path / "corpus.txt"
    assert run("generate_corpus", {"lines": 300, "seed": 0}, "--output", corpus).returncode == 0
    process = run(
        "train_tokenizer", {"vocabulary": 400, "lowercase": True}, "--output-dir", tmp_path, "--corpus", corpus
    )
    assert process.returncode == 0, process.stderr
    tokenizer = tokenization.read_tokenizer(tmp_path / "tokenizer.json")
    unknown = tokenizer.token_to_id("[UNK]")
    text = list(lines([corpus]))
    assert len(text) == 300
    assert not any(unknown in row for row in ids(tokenizer, text))


@pytest.mark.parametrize("size", [100, 150])
def test_trained_vocabulary_is_not_larger_than_asked(size):
    tokens = train(lambda: CORPUS, size, lowercase=True).get_vocab()
    assert len(tokens) <= size
    assert [tokens[token] for token in tokenization.SPECIAL_TOKENS] == [0, 1, 2, 3, 4]
    assert train(lambda: CORPUS, size, lowercase=True).get_vocab() == tokens


def test_a_rich_alphabet_does_not_outgrow_the_vocabulary():
    text = ["".join(map(chr, range(0x4E00, 0x4E00 + 500))), "aaa"]
    tokenizer = train(lambda: text, 100, lowercase=True)
    assert tokenizer.get_vocab_size() <= 100
    assert tokenizer.token_to_id("a") is not None


def test_corpus_files_are_read_in_order_without_blank_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\n\n  two\n")
    frames = [zstandard.compress(part) for part in (b"thr", "ee\nfour é\n".encode())]
    (tmp_path / "b.txt.zst").write_bytes(b"".join(frames))
    assert list(lines([tmp_path / "a.txt", tmp_path / "b.txt.zst"])) == ["one", "two", "three", "four é"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", None, r"cannot read corpus file .*a\.txt: No such file"),
        ("a.txt", b"\n \n", "holds no text"),
        ("a.txt", b"fine\nbad \xff\n", "line 2: not UTF-8"),
        ("a.zst", b"no zstandard", "no intact Zstandard file"),
        ("a.zst", zstandard.compress(b"text " * 5000 + b"\n")[:-9], "no intact Zstandard file"),
    ],
)
def test_damaged_corpus_files_are_told(tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=message):
        list(lines([tmp_path / name]))


def test_corpus_is_read_lazily(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\ntwo\n\xff\n")
    assert list(islice(lines([tmp_path / "a.txt"]), 2)) == ["one", "two"]
