"""Encoders in a folder are looked at when planning: what does not suit is told before the first job, by its key."""

import pytest
import yaml
from snakemake.utils import update_config

from multipress.core.errors import UserError
from multipress.workflow import preflight
from multipress.workflow.encoder_source import source_files
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load
from tests import encoders

SHAPE = {"layers": 2, "hidden": 16, "heads": 2, "feed_forward": 32}
STUDY = {
    "study": {"tasks": ["sst2"], "architectures": ["own", "half"], "teacher": "own", "recipes": []},
    "custom_architectures": {"own": SHAPE, "half": {"from": "own", "layers": [1]}},
    "latency": {"tasks": []},
    **{part: {"recipes": [], "tasks": None} for part in ("dissection", "probing")},
    "overrides": [],
}


@pytest.fixture
def planned(tmp_path):
    """Plan a study whose encoder has these keys in its config.json."""

    def plan(changes=None, **keys):
        encoders.write(tmp_path / "encoders" / "own", encoders.encoder(**keys))
        return plan_again(changes)

    def plan_again(changes=None):
        values = yaml.safe_load((ROOT / "config.yaml").read_text())
        for name in ("config/demo.yaml",):
            update_config(values, yaml.safe_load((ROOT / name).read_text()))
        update_config(values, STUDY | {"results": str(tmp_path / "synthetic")})
        update_config(values, {"encoder": {"source": "folder", "folder": str(tmp_path / "encoders")}})
        update_config(values, changes or {})
        config = load(values)
        preflight.check_paths(config)
        return config

    plan.again = plan_again
    return plan


def test_an_encoder_that_will_do_is_planned_with(planned):
    files = source_files(planned(hidden_act="relu"), "own")
    assert [file.rpartition("/")[2] for file in files] == ["config.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("changes", "keys", "message"),
    [
        ({}, {"hidden_act": "mish"}, "hidden_act is 'mish'"),
        ({}, {"is_decoder": True}, "is_decoder is true, but only is_decoder false is computed here"),
        ({}, {"hidden_size": 32}, "hidden_size is 32, the architecture has hidden 16"),
        ({"custom_architectures": {"own": SHAPE | {"layers": 3}}}, {}, "num_hidden_layers is 2, .* layers 3"),
        (
            {"tokenize": {"max_length": 64}},
            {"max_position_embeddings": 40},
            "is 40, too few .*tokenize.max_length to 40",
        ),
        (
            {"overrides": [{"task": "sst2", "stage": "tokenize", "set": {"max_length": 300}}]},
            {"max_position_embeddings": 256},
            "too few for rows of 300 tokens: lower tokenize.max_length to 256",
        ),
        (
            {"latency": {"tasks": ["sst2"], "lengths": [8, 128]}, "tokenize": {"max_length": 64}},
            {"max_position_embeddings": 64},
            "too few for rows of 128 tokens: lower latency.lengths to 64",
        ),
        ({"study": {"tasks": ["rte"]}}, {"type_vocab_size": 1}, "type_vocab_size is 1"),
    ],
)
def test_what_does_not_suit_is_told_before_the_first_job(planned, changes, keys, message):
    with pytest.raises(UserError, match=message) as caught:
        planned(changes, **keys)
    assert "own/config.json" in str(caught.value)


def test_files_that_are_missing_are_told(planned, tmp_path):
    folder = tmp_path / "encoders" / "own"
    with pytest.raises(UserError, match=r"own does not exist: correct encoder\.folder"):
        planned.again()
    planned()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="a pickle and never loaded; convert it"):
        planned.again()
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(UserError, match=r"own has no model\.safetensors"):
        planned.again()


def test_shards_are_the_inputs_of_the_import(planned, tmp_path):
    config = planned()
    encoders.write_shards(tmp_path / "encoders" / "own")
    names = [file.rpartition("/")[2] for file in source_files(planned.again(), "own")]
    assert names[:2] == ["config.json", "model.safetensors.index.json"]
    assert len(names) == 5
    assert config.source_architectures == ["own"]
