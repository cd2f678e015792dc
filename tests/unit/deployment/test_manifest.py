"""Files that lie: a byte that changed is noticed when the file is loaded, in every way of loading it."""

import json
import shutil

import pytest
import torch

from multipress.core.errors import UserError
from multipress.core.files import sha256
from multipress.deployment.manifest import MANIFEST, check_digest, write_manifest
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.openvino_model import OpenVinoModel
from multipress.deployment.packed_file import packed_sizes
from multipress.deployment.packed_models import load_packed
from multipress.deployment.predictor import load
from multipress.evaluation.latency.graph_digest import graph_digest
from multipress.evaluation.latency.runtimes import ONNXRUNTIME, OPENVINO, Models, candidates
from multipress.evaluation.latency.sameness import Computation
from tests import model_forms


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("made"))


@pytest.fixture
def deployed(made, tmp_path):
    """A folder as export and pack leave it: model.onnx, packed.safetensors, the tokenizer, and the manifest."""
    for file in (made.onnx, made.packed, made.tokenizer / "tokenizer.json"):
        shutil.copy(file, tmp_path)
    write_manifest(tmp_path, [tmp_path / made.onnx.name, tmp_path / made.packed.name])
    return tmp_path


def flip(file, place):
    """Change one bit at a share of the file."""
    content = bytearray(file.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    file.write_bytes(content)


LOADS = {
    "predict": lambda folder: load(folder / "model.onnx").predict(["good film"]),
    "run_exported": lambda folder: OnnxModel(folder / "model.onnx"),
    "openvino": lambda folder: OpenVinoModel(folder / "model.onnx"),
    "latency, onnxruntime": lambda folder: latency(folder, ONNXRUNTIME),
    "latency, openvino": lambda folder: latency(folder, OPENVINO),
}


def latency(folder, runtime):
    computation = Computation(
        graph_digest(folder / "model.onnx"), layers="", nonzero=(), is_float=True, is_pruned=False
    )
    return candidates(Models(["model"], folder, folder), {"model": computation}, runtime, torch.device("cpu"), 1)


@pytest.mark.parametrize("way", LOADS)
def test_a_changed_onnx_file_is_refused_however_it_is_loaded(deployed, way):
    LOADS[way](deployed)
    for place in (0.3, 0.5, 0.9):
        flip(deployed / "model.onnx", place)
        with pytest.raises(UserError, match=r"model\.onnx was changed or damaged: .* rm .*files\.json, and") as caught:
            LOADS[way](deployed)
        assert "\n" not in str(caught.value)
        flip(deployed / "model.onnx", place)
    LOADS[way](deployed)


@pytest.mark.parametrize("read", [load_packed, packed_sizes, load])
def test_a_packed_file_in_the_place_of_another_is_refused(deployed, tmp_path_factory, read):
    read(deployed / "packed.safetensors")
    other = model_forms.write(tmp_path_factory.mktemp("other"), scheme=model_forms.INT8)
    shutil.copy(other.packed, deployed)  # whole in itself
    with pytest.raises(UserError, match=r"packed\.safetensors was changed or damaged"):
        read(deployed / "packed.safetensors")


def test_a_changed_tokenizer_beside_them_is_refused(deployed):
    file = deployed / "tokenizer.json"
    file.write_text(file.read_text().replace('"lowercase": true', '"lowercase": false'))
    for name in ("model.onnx", "packed.safetensors"):
        with pytest.raises(UserError, match=r"tokenizer\.json is not the tokenizer of .*, or was damaged"):
            load(deployed / name)


def test_files_that_no_manifest_names_are_loaded(deployed):
    (deployed / "model.onnx").rename(deployed / "renamed.onnx")
    load(deployed / "renamed.onnx")
    (deployed / MANIFEST).unlink()
    load(deployed / "packed.safetensors")


@pytest.mark.parametrize(("content", "message"), [("{", "is not valid JSON"), ('{"model.onnx": 7}', "was changed")])
def test_a_damaged_manifest_is_told(deployed, content, message):
    (deployed / MANIFEST).write_text(content)
    with pytest.raises(UserError, match=message):
        check_digest(deployed / "model.onnx")


def test_the_manifest_has_names_and_digests(deployed):
    digests = json.loads((deployed / MANIFEST).read_text())
    assert digests == {name: sha256(deployed / name) for name in ("model.onnx", "packed.safetensors")}
