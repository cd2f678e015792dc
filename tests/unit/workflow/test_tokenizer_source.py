"""A tokenizer from the user's folder, looked at when planning."""

import json

import pytest

from multipress.core.errors import UserError
from multipress.data.tokenization import SPECIAL_TOKENS
from multipress.workflow.load import load
from multipress.workflow.tokenizer_source import check_tokenizer, source_files
from tests.unit.workflow.test_config import PAPER, merged

WORDS = [*SPECIAL_TOKENS, "film", "good"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return tmp_path


def configured(folder, **changes):
    tokenizer = {"source": "folder", "folder": str(folder)}
    return load(merged(PAPER, {"tokenizer": tokenizer}, changes))


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def refused(folder, message, **changes):
    with pytest.raises(UserError, match=message) as caught:
        check_tokenizer(configured(folder, **changes))
    assert "\n" not in str(caught.value)


def test_files_that_are_there_are_inputs(folder):
    config = configured(folder)
    check_tokenizer(config)
    assert source_files(config) == [str(folder / "vocab.txt")]
    write(folder, "tokenizer_config.json", {"do_lower_case": True})
    assert source_files(config) == [str(folder / "vocab.txt"), str(folder / "tokenizer_config.json")]


def test_a_folder_that_is_missing_or_empty_is_refused(tmp_path):
    refused(tmp_path / "none", "tokenizer.folder .*none does not exist")
    refused(tmp_path, r"has neither vocab\.txt nor tokenizer\.json")


def test_another_kind_of_tokenizer_is_refused_by_name(folder):
    write(folder, "tokenizer.json", {"model": {"type": "Unigram", "vocab": []}})
    refused(folder, "its model is Unigram")


def test_another_case_is_refused(folder):
    write(folder, "tokenizer_config.json", {"do_lower_case": False})
    refused(folder, "set tokenizer.lowercase to false")
    check_tokenizer(configured(folder, tokenizer={"source": "folder", "folder": str(folder), "lowercase": False}))


def test_rows_longer_than_the_tokenizer_is_meant_for_are_refused(folder):
    write(folder, "tokenizer_config.json", {"model_max_length": 64})
    refused(folder, "tokenize.max_length is 128 for cola, but .* model_max_length 64")
    check_tokenizer(configured(folder, tokenize={"max_length": 64}))
    override = {"task": "rte", "stage": "tokenize", "set": {"max_length": 65}}
    refused(folder, "is 65 for rte", tokenize={"max_length": 64}, overrides=[override])


@pytest.mark.parametrize(("rows", "is_enough"), [(6, False), (7, True), (8, True), (1000, True)])
def test_an_encoder_has_a_row_for_each_token(folder, rows, is_enough):
    encoders = folder / "encoders"
    encoders.mkdir()
    for arch in PAPER["study"]["architectures"]:
        write(encoders / arch, "config.json", {"vocab_size": rows})
    changes = {"encoder": {"source": "folder", "folder": str(encoders)}}
    if is_enough:
        check_tokenizer(configured(folder, **changes))
    else:
        refused(folder, "has 7 tokens, but .*config.json has vocab_size 6", **changes)


def test_pretraining_needs_berts_names(folder):
    (folder / "vocab.txt").write_text("\n".join(WORDS).replace("[CLS]", "<s>") + "\n")
    write(folder, "tokenizer_config.json", {"cls_token": "<s>"})
    check_tokenizer(configured(folder, encoder={"source": "scratch"}))
    refused(folder, r"special tokens are \[PAD\], \[UNK\], <s>.*needs \[CLS\]", encoder={"source": "pretrain"})
