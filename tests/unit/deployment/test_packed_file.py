import json
import os

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from benchmarks.deployment import masked_bytes
from multipress.core.errors import UserError
from multipress.deployment.packed_file import Packed, _seal, pack, packed_sizes, unpack
from multipress.deployment.packed_models import load_packed
from multipress.deployment.stored_tensors import from_model, to_state
from multipress.evaluation.stored_size import deployed_mb, entropy_mb
from multipress.model.bert import BertClassifier
from multipress.model.build import bert_config
from multipress.model.shape import ArchitectureSpec
from multipress.training.batches import Rows
from tests.unit.deployables import RECIPES, TEXT, logits, make


@pytest.fixture
def batch(tokens):
    return Rows(tokens, torch.device("cpu")).batch(np.arange(24))


@pytest.fixture
def packed_file(model, batch, tmp_path):
    """A function that packs a recipe's model and returns the model, its tensors and the file."""

    def write(recipe="ft-mp60-int8", granularity="tensor", source=model):
        made, steps = make(source, recipe, [batch], granularity)
        tensors = from_model(made)
        path = tmp_path / f"{recipe}.safetensors"
        pack(Packed(made.config, steps, TEXT, tensors), path)
        return made, tensors, path

    return write


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_comes_back_with_the_same_logits_bit_for_bit(packed_file, batch, recipe, granularity):
    made, _, path = packed_file(recipe, granularity)
    loaded, packed = load_packed(path)
    assert torch.equal(logits(loaded, batch), logits(made, batch))
    assert packed.text == TEXT
    assert packed.config == made.config
    state = loaded.state_dict()
    assert state.keys() == made.state_dict().keys()
    for name, tensor in made.state_dict().items():
        assert torch.equal(state[name], tensor), name


def test_the_same_model_makes_the_same_bytes_for_everyone_to_read(packed_file):
    path = packed_file()[2]
    first = path.read_bytes()
    assert packed_file()[2].read_bytes() == first
    mask = os.umask(0o022)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.fixture(scope="module")
def large():
    """Large enough for the file's own header to weigh little."""
    torch.manual_seed(0)
    return BertClassifier(bert_config(ArchitectureSpec(layers=2, hidden=192, heads=2, feed_forward=768), 4000))


@pytest.mark.parametrize("recipe", ["ft", "ft-mp60", "ft-int8", "ft-mp60-int8", "ft-mp40-int4", "ft-int16"])
def test_a_file_is_near_its_entropy_and_below_mask_and_integers(packed_file, large, recipe):
    _, tensors, path = packed_file(recipe, source=large)
    size, _ = packed_sizes(path)
    assert entropy_mb(tensors) < size < 1.05 * entropy_mb(tensors)
    assert size < 1.02 * sum(map(masked_bytes, tensors)) / 1e6
    assert size < deployed_mb(tensors, sparsity=0)


def test_the_embeddings_part_is_that_of_their_streams(packed_file):
    path = packed_file()[2]
    size, rest = packed_sizes(path)
    with safe_open(path, "numpy") as file:
        names = [name for name in file.keys() if name.startswith("embeddings.")]  # noqa: SIM118 no mapping
        embeddings = sum(file.get_tensor(name).size for name in names)
    assert size == path.stat().st_size / 1e6
    assert rest == pytest.approx(size - embeddings / 1e6)


def test_key_and_value_share_the_range_of_the_query(packed_file):
    made, tensors, _ = packed_file()
    names = {tensor.name for tensor in tensors}
    missing = made.state_dict().keys() - names
    assert missing
    assert all(".key.input_quantizer." in name or ".value.input_quantizer." in name for name in missing)
    assert to_state(tensors).keys() == made.state_dict().keys()


def test_a_weight_off_its_grid_is_refused(model, batch):
    made, _steps = make(model, "ft-int8", [batch])
    made.bert.pooler.dense.weight.data[0, 0] += 1e-3
    with pytest.raises(UserError, match=r"bert\.pooler\.dense\.weight does not lie on its grid"):
        from_model(made)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-7])


def flip(place):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)

    return damage


def other_version(path):
    with safe_open(path, "numpy") as file:
        metadata, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = json.dumps(json.loads(metadata["multipress"].partition(" ")[2]) | {"version": 3})
    seal = _seal(text, {name: array.tobytes() for name, array in arrays.items()})
    save_file(arrays, path, metadata={"multipress": f"{seal} {text}"})


def foreign(path):
    save_file({"x": np.zeros(3, np.float32)}, path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (truncate, "truncated"),
        (flip(-10), "checksum"),
        (flip(-2000), "checksum"),
        (flip(300), "checksum"),
        (other_version, "has version 3, this multipress reads version 2"),
        (foreign, "no packed model"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b""), "truncated"),
    ],
)
def test_a_damaged_file_is_refused_with_a_reason(packed_file, damage, message):
    path = packed_file()[2]
    damage(path)
    with pytest.raises(UserError, match=message) as caught:
        unpack(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
