"""The download scripts against a hub on the loopback, through the real clients."""

import json
import os
import socket
import subprocess
import sys

import numpy
import pandas
import pytest
from safetensors.numpy import load_file, save_file
from transformers import AutoTokenizer

from tests.hub.server import COMMIT

DATA = {"repository": "made/glue", "revision": COMMIT, "task": "mrpc", "splits": ["train", "validation"]}
TINY = {"layers": 2, "hidden": 16, "heads": 2, "feed_forward": 32}
TOKENIZER = {"repository": "made/bert", "revision": COMMIT, "lowercase": True}
ENCODER = {"repository": "made/bert", "revision": COMMIT, "architecture": TINY}


@pytest.fixture
def download(hub, tmp_path):
    """Run a download script with a bare home; return the process and its output folder."""

    def run(script, params, **environment):
        output = tmp_path / "results" / script
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        process = subprocess.run(
            [
                sys.executable,
                "-m",
                f"workflow_scripts.{script}",
                "--params",
                json.dumps(params),
                "--output-dir",
                output,
            ],
            env=clean | {"HF_ENDPOINT": hub.endpoint, "HOME": str(tmp_path / "home")} | environment,
            capture_output=True,
            text=True,
        )
        return process, output

    return run


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def last_line(process):
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    return process.stderr.strip().splitlines()[-1]


def test_data_keeps_rows_and_never_fetches_the_test_split(download, hub, tmp_path):
    process, output = download("download_data", DATA)
    assert process.returncode == 0, process.stderr
    assert files(tmp_path / "results") == ["download_data/train.parquet", "download_data/validation.parquet"]
    rows = pandas.read_parquet(output / "train.parquet")
    assert rows["sentence1"].tolist() == [f"first train {row}" for row in range(6)]
    assert rows["label"].tolist() == [0, 1, 0, 1, 0, 1]
    assert not any("test-00000" in request for request in hub.requests)
    assert not (tmp_path / "home").exists()


def test_downloaded_data_can_be_prepared(download, tmp_path):
    _, source = download("download_data", DATA)
    rows = {"kind": "classification", "text_columns": ["sentence1", "sentence2"]}
    rows["labels"] = ["not_equivalent", "equivalent"]
    params = {"name": "mrpc", "rows": rows, "source": "hub", "limit": None, "split": "dev"}
    paths = ["--dev", source / "validation.parquet", "--output", tmp_path / "dev.parquet", "--train"]
    script = [sys.executable, "-m", "workflow_scripts.prepare_dev", "--params", json.dumps(params)]
    subprocess.run([*script, *paths], check=True)
    rows = pandas.read_parquet(tmp_path / "dev.parquet")
    assert rows["text_b"].tolist() == [f"second validation {row}" for row in range(4)]


def test_a_cache_chosen_by_the_user_is_kept(download, tmp_path):
    process, _ = download("download_encoder", ENCODER, HF_HOME=str(tmp_path / "cache"))
    assert process.returncode == 0, process.stderr
    assert any(name.endswith("model.safetensors") for name in files(tmp_path / "cache"))


def test_offline_mode_reads_the_users_cache(download, hub, tmp_path):
    cache = {"HF_HOME": str(tmp_path / "cache")}
    download("download_encoder", ENCODER, **cache)
    hub.requests.clear()
    process, output = download("download_encoder", ENCODER, HF_HUB_OFFLINE="1", **cache)
    assert process.returncode == 0, process.stderr
    assert files(output) == ["config.json", "model.safetensors", "source.json"]
    assert hub.requests == []


def test_encoder_arrives_unchanged(download, hub):
    process, output = download("download_encoder", ENCODER)
    assert process.returncode == 0, process.stderr
    assert files(output) == ["config.json", "model.safetensors", "source.json"]
    assert json.loads((output / "source.json").read_text()) == {"repository": "made/bert", "commit": COMMIT}
    for name in ("config.json", "model.safetensors"):
        assert (output / name).read_bytes() == (hub.root / "models/made/bert" / name).read_bytes()


def test_encoder_of_another_shape_is_refused(download):
    process, _ = download("download_encoder", ENCODER | {"architecture": TINY | {"layers": 3}})
    assert "num_hidden_layers is 2, the architecture has layers 3" in last_line(process)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("is_decoder", True, "config.json: is_decoder is true"),
        ("hidden_act", "mish", "config.json: hidden_act is 'mish'"),
        ("num_hidden_layers", 2.5, "config.json: num_hidden_layers: 2.5"),
    ],
)
def test_an_encoder_that_cannot_be_computed_is_refused(download, hub, key, value, message):
    file = hub.root / "models/made/bert/config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    process, _ = download("download_encoder", ENCODER)
    assert message in last_line(process)


def test_numbers_that_are_not_finite_are_named(download, hub):
    file = hub.root / "models/made/bert/model.safetensors"
    tensors = load_file(file)
    tensors["bert.encoder.layer.1.output.dense.bias"][3] = numpy.inf
    save_file(tensors, file)
    process, _ = download("download_encoder", ENCODER)
    assert "bert.encoder.layer.1.output.dense.bias holds numbers that are not finite" in last_line(process)


def test_pickled_weights_are_refused(download, hub):
    process, output = download("download_encoder", ENCODER | {"repository": "made/pickled"})
    assert "only as pytorch_model.bin, a pickle" in last_line(process)
    assert not output.exists()
    assert not any("resolve" in request for request in hub.requests)


def test_vocabulary_arrives_unchanged(download, hub):
    process, output = download("download_tokenizer", TOKENIZER)
    assert process.returncode == 0, process.stderr
    assert (output / "vocab.txt").read_bytes() == (hub.root / "models/made/bert/vocab.txt").read_bytes()
    assert AutoTokenizer.from_pretrained(output).tokenize("FIRST film") == ["first", "[UNK]"]


def test_a_branch_is_resolved_to_its_commit(download):
    process, output = download("download_encoder", ENCODER | {"revision": "main"})
    assert process.returncode == 0, process.stderr
    assert json.loads((output / "source.json").read_text())["commit"] == COMMIT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repository": "made/nothing"}, "no such repository"),
        ({"revision": "f" * 40}, "no such revision"),
        ({"task": "cola"}, "'cola' not found. Available: ['mrpc']"),
        ({"splits": ["train", "dev"]}, "no split 'dev': it has train, validation, test"),
    ],
)
def test_wrong_names_are_told(download, change, message):
    process, output = download("download_data", DATA | change)
    line = last_line(process)
    assert message in line
    assert (DATA | change)["repository"] in line
    assert not output.exists()


@pytest.mark.parametrize(("script", "params"), [("download_data", DATA), ("download_encoder", ENCODER)])
def test_a_hub_that_is_down_is_told_at_once(download, hub, script, params):
    hub.stop()
    process, output = download(script, params)
    line = last_line(process)
    assert all(part in line for part in (hub.endpoint, COMMIT, "Connection refused", "HF_ENDPOINT", "source: folder"))
    assert "Retrying" not in process.stderr
    assert not output.exists()


@pytest.mark.parametrize(
    ("script", "params", "cut"),
    [("download_data", DATA, "validation-00000-of-00001.parquet"), ("download_encoder", ENCODER, "model.safetensors")],
)
def test_a_body_cut_in_the_middle_leaves_nothing(download, hub, tmp_path, script, params, cut):
    hub.cut.add(cut)
    process, _ = download(script, params)
    assert "closed connection" in last_line(process)
    assert files(tmp_path / "results") == []


def test_a_silent_hub_is_not_waited_for(download):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process, output = download("download_encoder", ENCODER, HF_ENDPOINT=endpoint)
    assert "timed out" in last_line(process)
    assert not output.exists()
