import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import multipress
from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.deployment.predictor import Prediction, load
from tests import model_forms
from tests.model_forms import CLOSENESS, INT8, MAX_LENGTH

ROOT = Path(__file__).parents[3]
SINGLE = model_forms.texts(40)
PAIRS = list(zip(SINGLE, reversed(SINGLE), strict=True))


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("forms"))


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("paired"), pair=True, scheme=INT8)


@pytest.fixture
def copies(forms, tmp_path):
    """The same forms, to be damaged."""
    shutil.copytree(forms.folder.parent, tmp_path / "copies")
    return model_forms.Forms(*(tmp_path / "copies" / path.name for path in vars(forms).values()))


def labels(predictions):
    return [prediction.label for prediction in predictions]


def probabilities(predictions):
    return np.array([prediction.probability for prediction in predictions])


@torch.inference_mode()
def test_a_folder_answers_as_transformers_does(forms):
    peer = AutoModelForSequenceClassification.from_pretrained(forms.folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(forms.folder)
    ours = load(forms.folder).predict([*SINGLE, *PAIRS])
    for text, prediction in zip([*SINGLE, *PAIRS], ours, strict=True):
        parts = (text,) if isinstance(text, str) else text
        chances = peer(**tokenizer(*parts, return_tensors="pt")).logits[0].softmax(-1)
        assert prediction.label == peer.config.id2label[int(chances.argmax())]
        assert prediction.probability == pytest.approx(float(chances.max()), abs=1e-5)
    assert len(set(labels(ours))) > 1


@pytest.mark.parametrize(("pair", "scheme"), [(False, None), (True, None), (False, INT8), (True, INT8)])
def test_every_form_gives_the_same_answers(tmp_path, pair, scheme):
    forms = model_forms.write(tmp_path, pair=pair, scheme=scheme)
    rows = PAIRS if pair else SINGLE
    folder = load(forms.folder, max_length=MAX_LENGTH).predict(rows)
    packed = load(forms.packed, forms.tokenizer).predict(rows)
    exported = load(forms.onnx, forms.tokenizer / "tokenizer.json").predict(rows)
    assert packed == folder
    assert len(set(labels(folder))) > 1
    # Products of integers are rounded elsewhere than fake-quantized floats.
    steps = np.abs(probabilities(exported) - probabilities(folder))
    assert steps.max() < (1e-5 if scheme is None else 0.2)
    sure = probabilities(folder) > (0.5 if scheme is None else 0.6)
    assert sure.sum() > len(rows) / 2
    assert [label for label, is_sure in zip(labels(exported), sure, strict=True) if is_sure] == [
        label for label, is_sure in zip(labels(folder), sure, strict=True) if is_sure
    ]


def test_the_order_is_kept_whatever_the_batch_size(forms):
    predictor = load(forms.folder)
    alone = [predictor.predict([text])[0] for text in SINGLE]
    for batch_size in (1, 3, 32):
        together = predictor.predict(SINGLE, batch_size)
        assert labels(together) == labels(alone)
        assert np.allclose(probabilities(together), probabilities(alone), atol=1e-5)


def test_regression_gives_numbers(tmp_path):
    forms = model_forms.write(tmp_path, CLOSENESS, pair=True)
    folder = load(forms.folder, max_length=MAX_LENGTH).predict(PAIRS)
    exported = load(forms.onnx, forms.tokenizer).predict(PAIRS)
    assert all(isinstance(prediction.label, float) and prediction.probability is None for prediction in folder)
    assert len(set(labels(folder))) > 30
    assert np.allclose(labels(exported), labels(folder), atol=1e-5)


def test_any_iterable_will_do(forms):
    predictor = load(str(forms.folder))
    assert predictor.predict(text for text in SINGLE) == predictor.predict(SINGLE)
    assert predictor.predict([]) == []


def test_a_text_with_more_tokens_than_fit_is_cut_and_says_so(forms):
    predictor = load(forms.packed, forms.tokenizer)
    fits, longer = " ".join("a" * (MAX_LENGTH - 2)), " ".join("a" * (MAX_LENGTH - 2) + "zz")
    exact, cut = predictor.predict([fits, longer])
    assert (exact.cut, cut.cut) == (False, True)
    assert cut.label == exact.label
    assert cut.probability == pytest.approx(exact.probability)


def test_of_a_folder_128_tokens_are_read_and_the_user_may_say_otherwise(forms):
    text = " ".join("a" * 126)
    assert [load(forms.folder).predict([row])[0].cut for row in (text, f"{text} a")] == [False, True]
    assert not load(forms.folder, max_length=200).predict([f"{text} a"])[0].cut


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text 2: empty text"),
        (" \u3000 ", "text 2: empty text"),
        (("a", ""), "text 2: empty text"),
        (None, "text 2: neither a text nor a pair"),
        (("a", "b", "c"), "text 2: neither a text nor a pair"),
        (("a", 1), "text 2: neither a text nor a pair"),
        ("a\ud83d", "text 2: half a surrogate"),
    ],
)
def test_what_is_no_text_is_refused_with_its_number(forms, text, message):
    with pytest.raises(UserError, match=message):
        load(forms.folder).predict(["a", text])


def test_one_text_alone_is_not_taken_for_a_list_of_letters(forms):
    with pytest.raises(UserError, match="give a list"):
        load(forms.folder).predict("good film")


def test_packed_and_onnx_files_know_whether_they_read_pairs(forms, paired):
    for path, tokenizer in ((forms.packed, forms.tokenizer), (forms.onnx, forms.tokenizer)):
        with pytest.raises(UserError, match="text 1: two texts, but the model reads single ones"):
            load(path, tokenizer).predict([("a", "b")])
    for path, tokenizer in ((paired.packed, paired.tokenizer), (paired.onnx, paired.tokenizer)):
        with pytest.raises(UserError, match="text 1: one text, but the model reads pairs"):
            load(path, tokenizer).predict(["a"])


def test_the_weights_of_a_folder_stand_for_the_folder(forms):
    assert load(forms.folder / "model.safetensors").predict(SINGLE) == load(forms.folder).predict(SINGLE)


def test_a_tokenizer_beside_a_file_is_found(copies):
    for file in (copies.packed, copies.onnx):
        with pytest.raises(UserError, match=r"has no tokenizer\.json beside it.*--tokenizer"):
            load(file)
    shutil.copy(copies.tokenizer / "tokenizer.json", copies.packed.parent)
    assert labels(load(copies.packed).predict(SINGLE)) == labels(load(copies.onnx).predict(SINGLE))


def test_another_tokenizer_than_the_models_is_refused(forms, tmp_path):
    other = tokenization.build([*model_forms.VOCABULARY[:-2], "is", "the"], lowercase=True)
    tokenization.save(other, tmp_path, lowercase=True)
    for file in (forms.packed, forms.onnx):
        with pytest.raises(UserError, match=r"is not the tokenizer of .*SHA-256"):
            load(file, tmp_path)


def test_a_tokenizer_with_more_tokens_than_the_model_is_refused(forms, tmp_path):
    tokenization.save(tokenization.build([*model_forms.VOCABULARY, *map(str, range(40))], True), tmp_path, True)
    with pytest.raises(UserError, match=f"has {len(model_forms.VOCABULARY) + 40} tokens, but .* knows 60"):
        load(forms.folder, tmp_path)


def test_a_tokenizer_that_is_missing_or_damaged_is_refused(forms, tmp_path):
    with pytest.raises(UserError, match=r"tokenizer .*tokenizer\.json is missing"):
        load(forms.folder, tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(UserError, match="is no tokenizer"):
        load(forms.folder, tmp_path)


def foreign(forms, tmp_path, **config):
    """A folder as other people have it: weights, config.json, vocab.txt, tokenizer_config.json."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    for name in ("model.safetensors", "config.json", "vocab.txt"):
        shutil.copy(forms.folder / name, folder)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("lowercase", [True, False])
def test_a_folder_with_vocab_txt_alone_answers_as_transformers_does(forms, tmp_path, lowercase):
    folder = foreign(forms, tmp_path, do_lower_case=lowercase)
    texts = ["The PLOT is good", "the plot is good", "Bad film"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    peer = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        expected = [float(peer(**tokenizer(text, return_tensors="pt")).logits.softmax(-1).max()) for text in texts]
    found = probabilities(load(folder).predict(texts))
    assert found == pytest.approx(expected, abs=1e-5)
    assert np.isclose(found[0], found[1]) == lowercase


def test_what_a_folders_tokenizer_says_and_cannot_be_computed_is_refused_by_name(forms, tmp_path):
    folder = foreign(forms, tmp_path, do_lower_case=True, tokenizer_class="RobertaTokenizer")
    with pytest.raises(UserError, match="tokenizer_class is 'RobertaTokenizer'"):
        load(folder)


def test_a_folders_rows_are_as_long_as_its_tokenizer_is_meant_for(forms, tmp_path):
    folder = foreign(forms, tmp_path, do_lower_case=True, model_max_length=7)
    assert [prediction.cut for prediction in load(folder).predict(["a b c d e", "a b c d e f"])] == [False, True]
    with pytest.raises(UserError, match="max-length 8: the model reads rows of 3 to 7 tokens"):
        load(folder, max_length=8)


@pytest.mark.parametrize("length", [2, 513])
def test_a_length_that_the_model_has_no_room_for_is_refused(forms, length):
    with pytest.raises(UserError, match=f"max-length {length}: the model reads rows of 3 to 512 tokens"):
        load(forms.folder, max_length=length)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_a_truncated_file_is_refused_in_one_line(copies, share):
    for file in (copies.folder / "model.safetensors", copies.packed, copies.onnx):
        os.truncate(file, int(file.stat().st_size * share))
        with pytest.raises(UserError) as caught:
            load(file, copies.tokenizer)
        assert file.name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_damage_that_shows_only_in_computing_is_told_in_one_line(copies):
    model = onnx.load(copies.onnx)
    split = next(node for node in model.graph.node if node.op_type == "Split")
    next(part for part in split.attribute if part.name == "axis").i = 1
    onnx.save(model, copies.onnx)
    with pytest.raises(UserError, match=r"model\.onnx cannot be computed .*export the model again"):
        load(copies.onnx, copies.tokenizer).predict(["good film"])


@pytest.mark.parametrize("name", ["bert.config", "multipress.config"])
def test_an_onnx_model_that_tells_too_little_of_itself_is_refused(copies, name):
    text = copies.onnx.read_bytes()
    copies.onnx.write_bytes(
        text.replace(b"multipress.config", name.encode().ljust(17)).replace(b"vocab_size", b"vocab_sizf")
    )
    with pytest.raises(UserError, match=r"model\.onnx is (an ONNX model from elsewhere|damaged)"):
        load(copies.onnx, copies.tokenizer)


def test_what_is_no_model_is_refused(copies, tmp_path):
    for path in (tmp_path / "none", copies.packed / "below"):
        with pytest.raises(UserError, match="cannot be read"):
            load(path)
    for path in (copies.tokenizer, copies.tokenizer / "vocab.txt"):
        with pytest.raises(UserError, match=path.name):
            load(path)
    (copies.folder / "config.json").unlink()
    with pytest.raises(UserError, match="no packed model"):
        load(copies.folder / "model.safetensors")


def test_pytorchs_threads_stay_as_they_were(forms):
    torch.set_num_threads(2)
    load(forms.folder, threads=1).predict(["a"])
    assert torch.get_num_threads() == 2


def test_predictions_cannot_be_changed(forms):
    prediction = load(forms.folder).predict(["a"])[0]
    assert isinstance(prediction, Prediction)
    with pytest.raises(AttributeError):
        prediction.label = "Regen"


BASE = {"annotated_types", "multipress", "numpy", "onnxruntime", "pydantic", "pydantic_core", "safetensors"}
BASE |= {"tokenizers", "typing_extensions", "typing_inspection"}
"""What comes with the package alone."""


def test_an_onnx_file_is_computed_by_the_base_of_the_package(forms):
    program = """
import json, multipress, sys
predictions = multipress.load(sys.argv[1], sys.argv[2]).predict(sys.argv[3:])
files = {name.partition(".")[0]: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
loaded = [name for name, file in files.items() if "site-packages" in file or name == "multipress"]
print(json.dumps([loaded, [(each.label, each.probability) for each in predictions]]))
"""
    texts = ["ein Wort", "ein Wort und noch eines"]
    command = [sys.executable, "-c", program, str(forms.onnx), str(forms.tokenizer), *texts]
    process = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    loaded, found = json.loads(process.stdout)
    assert set(loaded) - {"_distutils_hack"} <= BASE  # setuptools loads it into every Python
    own = load(forms.onnx, forms.tokenizer).predict(texts)
    assert [tuple(each) for each in found] == [(each.label, each.probability) for each in own]


def test_load_is_there_when_it_is_asked_for():
    assert multipress.load is load
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        multipress.lode  # noqa: B018
