import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import AutoModelForSequenceClassification

from multipress.compression.prune.masks import magnitude_masks
from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.rebuild import load_model
from multipress.core.errors import UserError
from multipress.model import checkpoints
from multipress.training.zeros import prunable_weights
from tests.model_forms import steps_of

INPUTS = {"input_ids": torch.arange(4, 12)[None]}


@pytest.fixture
def tokenizer(tmp_path):
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    for name in checkpoints.TOKENIZER_FILES:
        (folder / name).write_text("{}")
    Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]")).save(str(folder / "tokenizer.json"))
    return folder


def logits(model):
    with torch.no_grad():
        output = model.eval()(**INPUTS)
    return getattr(output, "logits", output)


def test_dense_and_pruned_models_load_with_transformers_alone(model, tokenizer, tmp_path):
    weights = prunable_weights(model)
    for name, mask in magnitude_masks(weights, 0.6, "layer").items():
        weights[name].data.mul_(mask)
    checkpoints.save(model, tmp_path / "model", tokenizer, {"seconds": 1.0}, {})
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    assert torch.allclose(logits(loaded), logits(model), atol=1e-6)
    assert loaded.config.id2label == {0: "no", 1: "yes"}
    assert torch.equal(logits(load_model(tmp_path / "model")), logits(model))


def test_a_quantized_model_comes_back_bit_for_bit(model, tokenizer, tmp_path):
    quantization = scheme_of(QuantizeSettings(weight_granularity="channel"), 8)
    insert_quantizers(model, quantization)
    model.train()(**INPUTS)
    round_weights(model)
    checkpoints.save(model, tmp_path / "model", tokenizer, {"seconds": 1.0}, steps_of(quantization).model_dump())
    assert torch.equal(logits(load_model(tmp_path / "model")), logits(model))


def test_the_vocabulary_is_counted_in_the_tokenizer(tokenizer):
    assert checkpoints.vocabulary_size(tokenizer) == 2


@pytest.mark.parametrize("damage", ["truncated", "missing", "other shape"])
def test_a_damaged_checkpoint_is_refused(model, tokenizer, tmp_path, damage):
    folder = tmp_path / "model"
    checkpoints.save(model, folder, tokenizer, {"seconds": 1.0}, {})
    weights = folder / "model.safetensors"
    if damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif damage == "missing":
        weights.unlink()
    else:
        config = (folder / "config.json").read_text()
        (folder / "config.json").write_text(config.replace('"vocab_size": 60', '"vocab_size": 61'))
    with pytest.raises(UserError, match=r"model\.safetensors") as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)
