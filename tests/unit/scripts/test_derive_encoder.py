"""The encoder that keeps some layers of another one."""

from argparse import Namespace

import pytest
import torch

from multipress.core.errors import UserError
from multipress.core.files import write_json
from multipress.core.tensor_files import read_tensors
from tests.steps import SHAPE, Study
from workflow_scripts import derive_encoder
from workflow_scripts.derive_encoder import Params


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study").make("ft")


def derive(source, target, layers):
    shape = SHAPE | {"layers": len(layers)}
    derive_encoder.main(Params(layers=layers, architecture=shape), Namespace(source_dir=source, output_dir=target))


def test_kept_layers_have_new_numbers(source, tmp_path):
    derive(source, tmp_path, [0, 2])
    before, after = (read_tensors(folder / "model.safetensors") for folder in (source, tmp_path))
    name = "bert.encoder.layer.{}.output.dense.weight"
    assert torch.equal(after[name.format(1)], before[name.format(2)])
    assert name.format(2) not in after


@pytest.mark.parametrize("layers", [[0, 7], [-1, 0]])
def test_layers_that_are_not_there_are_refused_before_anything_is_written(source, tmp_path, layers):
    with pytest.raises(UserError, match=r"has no layer .*: its layers are 0 to 2"):
        derive(source, tmp_path / "target", layers)
    assert not (tmp_path / "target").exists()


def test_a_folder_of_something_else_is_refused(tmp_path):
    write_json(tmp_path / "config.json", [])
    with pytest.raises(UserError, match="names no num_hidden_layers"):
        derive(tmp_path, tmp_path / "target", [0])
