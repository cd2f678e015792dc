"""Classifiers in Hugging Face layout that others made, as ``predict --model FOLDER`` takes them, and forms of one."""

import importlib.util

import onnx
import pytest
import torch
from transformers import BertForSequenceClassification

from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.rebuild import open_checkpoint
from multipress.compression.steps_file import ModelSteps
from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.data.text_format import TextFormat
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.packed_file import Packed, pack
from multipress.deployment.packed_models import load_packed
from multipress.deployment.predictor import load
from multipress.deployment.stored_tensors import from_model
from tests import encoders
from tests.model_forms import INT8, VOCABULARY, steps_of, texts

TEXTS = texts(12)
TEXT = TextFormat(tokenizer="0" * 64, max_length=16, pair=False)


def write(folder, model=None, state=None, **keys):
    """A classifier and a tokenizer in a folder."""
    encoders.write(folder, model or encoders.classifier(), state, **keys)
    tokenization.save(tokenization.build(VOCABULARY, lowercase=True), folder, lowercase=True)
    return folder


@torch.no_grad()
def logits_agree(folder, reference):
    """Whether ours and transformers' logits differ by less than 1e-5 of their range."""
    inputs = encoders.rows()
    wanted, found = reference(**inputs).logits, open_checkpoint(folder).model(**inputs)
    return bool((wanted - found).abs().max() < 1e-5 * (wanted.max() - wanted.min()))


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"hidden_act": "relu"},
        {"hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-5},
        {"layer_norm_eps": 1e-2, "pad_token_id": 3},
        {"max_position_embeddings": 64, "type_vocab_size": 1},
        {"num_labels": 4},
        {"num_labels": 1, "problem_type": "regression"},
        {"id2label": {0: "no", 1: "perhaps", 2: "yes"}, "problem_type": "single_label_classification"},
    ],
    ids=str,
)
def test_logits_and_answers_are_those_of_transformers(tmp_path, keys):
    write(tmp_path, encoders.classifier(**keys))
    reference = BertForSequenceClassification.from_pretrained(tmp_path).eval()
    assert logits_agree(tmp_path, reference)
    answers = load(tmp_path).predict(TEXTS)
    if keys.get("num_labels") == 1:
        assert all(isinstance(answer.label, float) for answer in answers)
    else:
        assert {answer.label for answer in answers} <= set(reference.config.id2label.values())


@pytest.mark.parametrize(
    "state",
    [
        encoders.old_names,
        lambda state: state | {"bert.embeddings.position_ids": torch.arange(512)[None]},
        lambda state: state | {"bert.embeddings.token_type_ids": torch.zeros(1, 512, dtype=torch.int64)},
        lambda state: state | {"cls.seq_relationship.bias": torch.zeros(2)},
        lambda state: {name: tensor.double() for name, tensor in state.items()},
    ],
)
def test_checkpoints_of_any_age_are_answered(tmp_path, state):
    model = encoders.classifier()
    write(tmp_path, model, state(model.state_dict()))
    assert logits_agree(tmp_path, model)
    assert len(load(tmp_path).predict(TEXTS)) == len(TEXTS)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_weights_are_computed_in_float32(tmp_path, kind):
    model = encoders.classifier().to(kind)
    write(tmp_path, model)
    assert logits_agree(tmp_path, model.float())


def test_shards_are_read(tmp_path):
    model = encoders.classifier()
    write(tmp_path, model)
    encoders.write_shards(tmp_path)
    assert logits_agree(tmp_path, model)


def test_a_missing_model_type_and_unsaid_labels_are_transformers_defaults(tmp_path):
    model = encoders.classifier(num_labels=3)
    write(tmp_path, model, model_type=None, architectures=None, id2label=None, label2id=None, num_labels=3)
    assert logits_agree(tmp_path, model)
    assert {answer.label for answer in load(tmp_path).predict(TEXTS)} <= {"LABEL_0", "LABEL_1", "LABEL_2"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"is_decoder": True}, "is_decoder"),
        ({"hidden_act": "quick_gelu"}, "hidden_act is 'quick_gelu'"),
        ({"problem_type": "multi_label_classification"}, "problem_type"),
        ({"problem_type": "regression"}, r"problem_type is regression, but the labels \(id2label\) are 2"),
        ({"id2label": {"0": "no", "2": "yes"}}, "id2label"),
        ({"id2label": {"0": "no", "one": "yes"}}, "id2label"),
        ({"id2label": {}}, "id2label"),
        ({"id2label": {"0": ["no"], "1": "yes"}}, "id2label"),
        ({"num_labels": 10**12, "id2label": None}, "num_labels"),
        ({"num_labels": "two"}, "num_labels"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers"),
        ({"vocab_size": 10**15}, r"word_embeddings\.weight has shape \(60, 16\), config\.json wants"),
        ({"max_position_embeddings": 10**12}, r"position_embeddings\.weight has shape \(512, 16\), config\.json wants"),
        ({"architectures": "BertForTokenClassification"}, "architectures"),
        ({"architectures": 5}, "architectures"),
        ({"id2label": {"0": "no", "1": "yes"}, "num_labels": 3}, "num_labels is 3, but id2label has 2"),
        ({"num_labels": 3, "id2label": None}, r"classifier\.weight has shape \(2, 16\), config\.json wants \(3, 16\)"),
        ({"architectures": ["BertForTokenClassification"]}, "architectures"),
        ({"architectures": ["BertForMultipleChoice"]}, "architectures"),
        ({"model_type": "roberta"}, 'model_type is "roberta"'),
    ],
)
def test_what_is_not_computed_is_refused_by_the_name_of_the_key(tmp_path, keys, message):
    write(tmp_path, None, **keys)
    with pytest.raises(UserError, match=message) as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)
    assert "rerun" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"classifier.weight": None, "classifier.bias": None},
            "is an encoder without a classifier",
        ),
        ({"bert.pooler.dense.weight": None, "bert.pooler.dense.bias": None}, r"lacks pooler\.dense\.weight and 1 more"),
        (
            {"bert.encoder.layer.0.attention.self.query.weight": None},
            r"lacks encoder\.layer\.0\.attention",
        ),
        ({"classifier.bias": torch.full((2,), torch.nan)}, r"classifier\.bias holds numbers that are not finite"),
        ({"bert.encoder.layer.7.output.dense.bias": torch.zeros(16)}, r"layer\.7.* is no part of the BERT"),
        ({"classifier.weight": torch.zeros(2, 16, dtype=torch.int8)}, "stored as I8"),
    ],
)
def test_weights_that_do_not_fit_are_named_with_the_true_reason(tmp_path, change, message):
    model = encoders.classifier()
    state = {name: tensor for name, tensor in (model.state_dict() | change).items() if tensor is not None}
    write(tmp_path, model, state)
    with pytest.raises(UserError, match=message) as caught:
        load(tmp_path)
    assert "rerun" not in str(caught.value)


def test_a_model_of_an_older_version_of_this_project_is_told_as_such(tmp_path):
    model = encoders.classifier()
    scale = {"bert.pooler.dense.weight_quantizer.scale": torch.ones(())}
    write(tmp_path, model, model.state_dict() | scale)
    with pytest.raises(UserError, match=r"pooler\.dense\.weight_quantizer\.scale is no part of the BERT"):
        load(tmp_path)
    (tmp_path / "quantization.json").write_text("{}")
    with pytest.raises(UserError, match="an older version made it"):
        load(tmp_path)


def test_pickled_weights_are_named_as_such(tmp_path):
    write(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="a pickle and never loaded; convert it: "):
        load(tmp_path)


def test_a_model_with_one_type_of_segments_reads_no_pairs(tmp_path):
    write(tmp_path, encoders.classifier(type_vocab_size=1))
    with pytest.raises(UserError, match="text 1: two texts, but the model reads single ones"):
        load(tmp_path).predict([("good film", "bad film")])


def test_rows_are_cut_to_the_positions_that_a_model_has(tmp_path):
    write(tmp_path, encoders.classifier(max_position_embeddings=8))
    assert load(tmp_path).predict(["good " * 20])[0].cut
    with pytest.raises(UserError, match="the model reads rows of 3 to 8 tokens"):
        load(tmp_path, max_length=9)


@pytest.mark.parametrize("scheme", [None, INT8])
@pytest.mark.parametrize(
    "keys",
    [
        {"hidden_act": "relu"},
        {"hidden_act": "gelu_new"},
        {"hidden_act": "silu"},
        {"layer_norm_eps": 1e-2, "max_position_embeddings": 20, "type_vocab_size": 1, "pad_token_id": None},
    ],
    ids=str,
)
@torch.no_grad()
def test_every_form_computes_as_the_configuration_says(tmp_path, keys, scheme):
    """Folder, packed file and ONNX file of a model that started from such an encoder, quantized or not."""
    write(tmp_path, encoders.classifier(**keys))
    inputs, model = encoders.rows(), open_checkpoint(tmp_path).model
    if scheme:
        insert_quantizers(model, scheme)
        model.train()(**inputs)
        round_weights(model)
    model.eval()
    wanted = model(**inputs)
    steps = steps_of(scheme) if scheme else ModelSteps()
    pack(Packed(model.config, steps, TEXT, from_model(model)), tmp_path / "packed.safetensors")
    assert torch.equal(load_packed(tmp_path / "packed.safetensors")[0](**inputs), wanted)
    onnx.save(to_onnx(model, metadata(model.config, TEXT)), tmp_path / "model.onnx")
    exported = OnnxModel(tmp_path / "model.onnx")
    assert exported.config == model.config
    gap = float((exported(**inputs) - wanted).abs().max() / (wanted.max() - wanted.min()))
    assert gap < (0.02 if scheme else 1e-5)


@pytest.mark.skipif(not importlib.util.find_spec("openvino"), reason="openvino is not installed")
@pytest.mark.parametrize("name", ["gelu_new", "relu", "silu"])
def test_openvino_has_the_same_functions(tmp_path, name):
    from multipress.deployment.openvino_model import OpenVinoModel

    model = open_checkpoint(write(tmp_path, encoders.classifier(hidden_act=name))).model
    onnx.save(to_onnx(model, metadata(model.config, TEXT)), tmp_path / "model.onnx")
    with torch.no_grad():
        gap = (OpenVinoModel(tmp_path / "model.onnx")(**encoders.rows()) - model(**encoders.rows())).abs().max()
    assert gap < 1e-4
