"""One small model in each form that can be used: a folder, a packed file and an ONNX file."""

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch

from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.compression.steps_file import ModelSteps, StepRecord
from multipress.data import tokenization
from multipress.data.prepared import PreparedTask
from multipress.data.text_format import TextFormat, sha256_or_error
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.packed_file import Packed, pack
from multipress.deployment.stored_tensors import from_model
from multipress.model import checkpoints
from multipress.model.build import new_classifier
from multipress.model.shape import ArchitectureSpec

WORDS = [*"abcdefghijklmnopqrstuvwxyz", "film", "plot", "good", "bad", "dull", "great", "the", "is"]
VOCABULARY = [*tokenization.SPECIAL_TOKENS, *WORDS]
WEATHER = PreparedTask(kind="classification", labels=["Föhn", "Regen", "Sonne"])
CLOSENESS = PreparedTask(kind="regression", labels=None)
INT8 = QuantizationScheme(weight_bits=8, weight_granularity="channel", activation_bits=8, observer_decay=0.5)
MAX_LENGTH = 13


@dataclass(frozen=True)
class Forms:
    """Where the model lies."""

    folder: Path
    packed: Path
    onnx: Path
    tokenizer: Path


def texts(number):
    """Different texts of one to eleven words."""
    generator = torch.Generator().manual_seed(number)
    rows = [torch.randint(len(WORDS), (1 + row % 11,), generator=generator) for row in range(number)]
    return [" ".join(WORDS[word] for word in row) for row in rows]


def write(root, task=WEATHER, pair=False, scheme=None):
    """The forms of a model with random weights so large that its answers differ."""
    forms = Forms(root / "folder", root / "packed.safetensors", root / "model.onnx", root / "tokenizer")
    forms.tokenizer.mkdir(parents=True)
    tokenization.save(tokenization.build(VOCABULARY, lowercase=True), forms.tokenizer, lowercase=True)
    model = _model(task, scheme)
    steps = steps_of(scheme)
    checkpoints.save(model, forms.folder, forms.tokenizer, {"seconds": 1}, steps.model_dump())
    text = TextFormat(tokenizer=sha256_or_error(forms.tokenizer / "tokenizer.json"), max_length=MAX_LENGTH, pair=pair)
    pack(Packed(model.config, steps, text, from_model(model)), forms.packed)
    onnx.save(to_onnx(model, metadata(model.config, text)), forms.onnx)
    return forms


def steps_of(scheme, sparsity=0.0):
    """The steps of a model that is pruned and quantized, or not."""
    steps = [StepRecord(name="ft", method="finetune")]
    if sparsity:
        steps.append(StepRecord(name=f"mp{round(100 * sparsity)}", method="prune", sparsity=sparsity))
    if scheme:
        bits = scheme.weight_bits
        steps.append(StepRecord(name=f"int{bits}", method="quantize", bits=bits, structure=scheme.model_dump()))
    return ModelSteps(steps=steps)


@torch.no_grad()
def _model(task, scheme):
    torch.manual_seed(1)
    model = new_classifier(ArchitectureSpec(layers=2, hidden=16, heads=2, feed_forward=32), 60, task, dropout=0.0)
    for name, weight in model.named_parameters():
        if weight.ndim == 2:
            torch.nn.init.normal_(weight, std=1.0 if "classifier" in name else 0.4)
    ids = torch.randint(5, len(VOCABULARY), (64, MAX_LENGTH))
    if scheme:
        insert_quantizers(model, scheme)
        model.train()(ids, None, (ids % 2).sort().values)
        round_weights(model)
    model.eval()
    model.classifier.bias -= model(ids).mean(0)
    return model
