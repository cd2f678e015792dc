import numpy as np
import pytest
import torch

from multipress.core.errors import UserError
from multipress.core.tensor_files import read_tensors, write_tensors
from multipress.training.teacher_logits import read_logits, write_logits


def test_logits_come_back_as_they_were(tmp_path):
    logits = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    write_logits(tmp_path / "logits.safetensors", logits)
    assert np.array_equal(read_logits(tmp_path / "logits.safetensors"), logits)


def test_the_same_tensors_give_the_same_bytes_whatever_their_order(tmp_path):
    tensors = {"b": torch.ones(3), "a": torch.zeros(2, 2)}
    write_tensors(tmp_path / "one", tensors)
    write_tensors(tmp_path / "two", dict(reversed(tensors.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        write_tensors(tmp_path / "file" / "model.safetensors", {"a": torch.ones(1)})
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_damage_is_refused(tmp_path):
    (tmp_path / "damaged").write_bytes(b"\x00" * 50)
    for name in ("damaged", "missing"):
        with pytest.raises(UserError, match="missing or damaged"):
            read_tensors(tmp_path / name)
    write_tensors(tmp_path / "other", {"a": torch.ones(1)})
    with pytest.raises(UserError, match="no logits"):
        read_logits(tmp_path / "other")
