"""Students without attention: their words, what they read, what they are exported to, and what may follow them."""

import numpy as np
import onnx
import pytest
import torch
from sklearn.decomposition import TruncatedSVD
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from multipress.compression import recipes
from multipress.compression.distill_bilstm import export as bilstm_export
from multipress.compression.distill_bilstm.layers import BiLstm
from multipress.compression.distill_bilstm.sizes import STATES
from multipress.compression.distill_cnn import export as cnn_export
from multipress.compression.distill_cnn.layers import Convolutions
from multipress.compression.distill_cnn.sizes import FILTERS, WINDOWS
from multipress.compression.planned_size import planned_size
from multipress.compression.quantize.layers import QuantizedLinear, insert_quantizers, round_weights
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.compression.rebuild import load_model
from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.data.text_format import TextFormat
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.openvino_model import OpenVinoModel
from multipress.model.build import new_classifier
from multipress.model.layers import Embedding
from multipress.model.shape import ArchitectureSpec
from multipress.model.student import become_student, read_texts
from multipress.model.word_vectors import projected, smaller_table
from multipress.workflow.code.roots import of_step
from tests.steps import SHAPE, Study

WIDTH, WORDS = 12, 60
READERS = {"bilstm": BiLstm, "cnn": Convolutions}
EXPORTS = {"bilstm": bilstm_export.LOWERINGS, "cnn": cnn_export.LOWERINGS}
TEXT = TextFormat(tokenizer="0" * 64, max_length=32, pair=True)
TASK = PreparedTask(kind="classification", labels=["no", "perhaps", "yes"])
INT8 = QuantizationScheme(weight_bits=8, weight_granularity="channel", activation_bits=8, observer_decay=0.5)


def student(kind, pairs=False):
    torch.manual_seed(1)
    model = new_classifier(ArchitectureSpec(**SHAPE | {"hidden": WIDTH}), WORDS, TASK, dropout=0.0)
    table = model.bert.embeddings.word_embeddings
    nn.init.normal_(table.weight, std=0.5)
    become_student(model, table, READERS[kind], pairs)
    return model.eval()


def random_texts(lengths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(5, WORDS, (length,), generator=generator) for length in lengths]


def batch(firsts, seconds=None, length=None):
    """Ids, mask and segments of rows of one or two texts, padded to a length or to the longest."""
    parts = [torch.cat(pair) for pair in zip(firsts, seconds, strict=True)] if seconds else firsts
    length = length or max(map(len, parts))
    ids = torch.stack([functional.pad(row, (0, length - len(row))) for row in parts])
    mask = torch.stack([torch.arange(length) < len(row) for row in parts])
    segments = torch.stack([torch.arange(length) >= len(first) for first in firsts]) & mask
    return ids, mask, segments.long() if seconds else None


@torch.inference_mode()
def logits(model, *inputs):
    return model(*inputs)


# Words.


def test_projected_words_are_those_of_scikit_learns_svd():
    table = torch.randn(200, 24, generator=torch.Generator().manual_seed(0)) * torch.linspace(3, 0.1, 24) + 2
    found = projected(table, 7).numpy()
    centered = table.double().numpy() - table.double().numpy().mean(0)
    expected = TruncatedSVD(7, algorithm="arpack", random_state=0).fit_transform(centered)
    signs = np.sign((found * expected).sum(0))
    assert np.allclose(found, expected * signs, atol=1e-9 * np.abs(expected).max())


def test_a_smaller_table_has_the_spread_of_word_vectors_and_no_padding():
    table = Embedding(200, 24, padding_idx=3)
    smaller = smaller_table(table, 7).weight.detach()
    assert (smaller.shape, smaller.dtype) == ((200, 7), torch.float32)
    assert smaller.square().mean().sqrt().item() == pytest.approx(0.3, rel=0.01)
    assert smaller.any(1).nonzero().flatten().tolist() == [row for row in range(200) if row != 3]


def test_a_student_starts_with_the_words_of_its_encoder(tmp_path):
    study = Study(tmp_path / "study")
    study.apply("bilstm8", reads={}, objective="task", augment=False, learning_rate=1e-12)
    torch.manual_seed(0)
    model = load_model(study.model("bilstm8"))
    study.apply("ft", reads={}, learning_rate=1e-12)
    encoder = load_model(study.model("ft"))
    expected = smaller_table(encoder.bert.embeddings.word_embeddings, 8).weight
    assert torch.allclose(model.bert.embeddings.word_embeddings.weight, expected, atol=1e-4)


# What is read.


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("kind", READERS)
def test_padding_changes_nothing(kind, pairs):
    model, lengths = student(kind, pairs), [1, 9, 4, 7, 2]
    firsts, seconds = random_texts(lengths), random_texts(reversed(lengths), seed=1) if pairs else None
    together = logits(model, *batch(firsts, seconds))
    wider = logits(model, *batch(firsts, seconds, length=30))
    alone = [
        logits(model, *batch(firsts[row : row + 1], seconds[row : row + 1] if pairs else None)) for row in range(5)
    ]
    assert torch.allclose(together, wider, atol=1e-6)
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)
    assert (together[0] - together[1]).abs().max() > 1e-3


@pytest.mark.parametrize("kind", READERS)
def test_a_pair_is_read_as_two_texts(kind):
    pairs, single = student(kind, pairs=True), student(kind)
    single.bert.load_state_dict(pairs.bert.state_dict())
    firsts, seconds = random_texts([3, 8, 1]), random_texts([6, 2, 4], seed=1)
    texts = [single.bert.pool(single.bert(*batch(each)[:2])) for each in (firsts, seconds)]
    u, v = texts
    expected = pairs.classifier(torch.cat([u, v, (u - v).abs(), u * v], -1))
    assert torch.allclose(logits(pairs, *batch(firsts, seconds)), expected, atol=1e-6)


def test_a_second_text_that_is_missing_is_one_token_of_padding():
    ids, mask, _ = batch(random_texts([4, 2]))
    texts = read_texts(ids, mask, None, with_pairs=True)
    assert texts.lengths.tolist() == [4, 2, 1, 1]
    assert not texts.ids[2:].any()


def test_the_lstm_is_pytorchs_on_packed_sequences():
    torch.manual_seed(0)
    own = BiLstm(WIDTH)
    peer = nn.LSTM(WIDTH, STATES, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for direction, suffix in enumerate(("", "_reverse")):
            for ours, theirs in ((own.inputs.weight, "weight_ih_l0"), (own.states.weight, "weight_hh_l0")):
                input_, output, forget, cell = ours.view(2, 4, STATES, -1)[direction]
                getattr(peer, theirs + suffix).copy_(torch.cat([input_, forget, cell, output]))
            input_, output, forget, cell = own.inputs.bias.view(2, 4, STATES)[direction]
            getattr(peer, f"bias_ih_l0{suffix}").copy_(torch.cat([input_, forget, cell, output]))
            getattr(peer, f"bias_hh_l0{suffix}").zero_()
    vectors, lengths = torch.randn(4, 9, WIDTH), torch.tensor([9, 1, 5, 3])
    _, (last, _) = peer(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
    assert torch.allclose(own(vectors, lengths), torch.cat([last[0], last[1]], -1), atol=1e-6)


def test_the_convolutions_are_pytorchs():
    torch.manual_seed(0)
    own, vectors = Convolutions(WIDTH), torch.randn(3, 9, WIDTH)
    expected = []
    for window, filters in zip(WINDOWS, own.filters, strict=True):
        kernel = filters.weight.view(FILTERS, window, WIDTH).transpose(1, 2)
        padded = functional.pad(vectors.transpose(1, 2), ((window - 1) // 2, window // 2))
        expected.append(functional.conv1d(padded, kernel, filters.bias).amax(-1).relu())
    assert torch.allclose(own(vectors, torch.full((3,), 9)), torch.cat(expected, -1), atol=1e-5)


# Files.


@pytest.mark.parametrize("scheme", [None, INT8])
@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("runtime", [OnnxModel, OpenVinoModel])
def test_runtimes_compute_what_pytorch_does(kind, pairs, scheme, runtime, tmp_path):
    model = student(kind, pairs)
    rows = batch(random_texts([5, 1, 9, 3]), random_texts([2, 7, 1, 4], seed=1) if pairs else None, length=20)
    if scheme:
        insert_quantizers(model, scheme)
        model.train()(*rows)
        round_weights(model)
        model.eval()
    onnx.save(to_onnx(model, metadata(model.config, TEXT), EXPORTS[kind]), tmp_path / "model.onnx")
    expected, found = logits(model, *rows), runtime(tmp_path / "model.onnx", 1)(*rows)
    span = float(expected.max() - expected.min())
    assert float((found - expected).abs().max()) < (0.03 * span if scheme else 1e-5)
    assert torch.allclose(
        found[:1],
        runtime(tmp_path / "model.onnx", 1)(*(each[:1] for each in rows if each is not None)),
        atol=0.02 * span if scheme else 1e-5,
    )


def test_of_an_lstm_the_weights_alone_are_rounded():
    model = student("bilstm")
    insert_quantizers(model, INT8)
    quantized = {name: layer for name, layer in model.named_modules() if isinstance(layer, QuantizedLinear)}
    of_floats = [name for name, layer in quantized.items() if isinstance(layer.input_quantizer, nn.Identity)]
    assert of_floats == ["bert.encoder.layer.0.inputs", "bert.encoder.layer.0.states"]
    assert list(quantized) == [*of_floats, "bert.pooler.dense"]


# What is refused.


@pytest.mark.parametrize("step", ["l2", "h50", "er4", "r50", "mp60", "nm24"])
def test_what_changes_transformer_layers_cannot_follow(step):
    with pytest.raises(ValueError, match=f"{step} cannot follow cnn8, for it has no Transformer layers"):
        recipes.steps(f"cnn8-{step}")


def test_vectors_are_no_wider_than_the_encoders(tmp_path):
    size = planned_size(ArchitectureSpec(**SHAPE))
    with pytest.raises(ValueError, match="has word vectors of 17 numbers, but the encoder's have 16: use at most 16"):
        recipes.planned(size, "bilstm17")
    study = Study(tmp_path / "study")
    with pytest.raises(UserError, match="step cnn17 has word vectors of 17 numbers"):
        study.apply("cnn17")


def test_the_code_of_a_students_job_holds_the_loss_that_it_trains_for():
    assert "multipress.compression.distill.apply" in of_step(recipes.steps("cnn8"))
    assert "multipress.compression.distill.apply" in of_step(recipes.steps("cnn8-int8"))
    assert "multipress.compression.distill.apply" not in of_step(recipes.steps("ft-int8"))
    assert "multipress.compression.distill.apply" in of_step(recipes.steps("ft-int8"), loss="distill")  # by settings


def test_transformers_loads_no_student(tmp_path):
    from transformers import AutoModelForSequenceClassification

    study = Study(tmp_path / "study")
    with pytest.raises(ValueError, match="multipress"):
        AutoModelForSequenceClassification.from_pretrained(study.make("cnn8"))
