"""The download scripts against a hub on the loopback, through the real clients."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

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
    params = {"name": "mrpc", "rows": rows, "limit": None, "split": "dev"}
    paths = ["--dev", source / "validation.parquet", "--output", tmp_path / "dev.parquet"]
    paths += ["--train", source / "train.parquet"]
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


CACHES = [
    {"HF_HOME": "chosen"},
    {"HF_HUB_CACHE": "chosen/hub"},
    {"XDG_CACHE_HOME": "chosen"},
    {},
]
JOBS = [("download_tokenizer", TOKENIZER), ("download_encoder", ENCODER), ("download_data", DATA)]


def fill(hub, tmp_path, environment, *arguments):
    """What a user does on a node with a network."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "XDG_"))}
    clean |= {"HF_ENDPOINT": hub.endpoint, "HOME": str(tmp_path / "home")} | environment
    command = [Path(sys.executable).with_name("hf"), "download", *arguments]
    subprocess.run(command, env=clean, check=True, capture_output=True)


@pytest.mark.parametrize("cache", CACHES)
def test_without_network_the_usual_cache_is_used(download, hub, tmp_path, cache):
    cache = {name: str(tmp_path / folder) for name, folder in cache.items()}
    fill(hub, tmp_path, cache, "made/bert", "--revision", COMMIT)
    hub.requests.clear()
    process, output = download("download_encoder", ENCODER, HF_HUB_OFFLINE="1", **cache)
    assert process.returncode == 0, process.stderr
    assert f"made/bert at {COMMIT}: HF_HUB_OFFLINE is set; taken from the cache {tmp_path}" in process.stderr
    assert files(output) == ["config.json", "model.safetensors", "source.json"]
    assert hub.requests == []


@pytest.mark.parametrize(("script", "params"), JOBS)
def test_without_network_files_are_those_that_the_hub_has(download, hub, tmp_path, script, params):
    process, output = download(script, params)
    assert process.returncode == 0, process.stderr
    expected = {name: (output / name).read_bytes() for name in files(output)}
    shutil.rmtree(output)
    process, output = download(script, params, HF_ENDPOINT="http://127.0.0.1:9")
    command = re.search(r"run: hf (download .*?);", last_line(process))[1]
    fill(hub, tmp_path, {}, *shlex.split(command)[1:])
    process, output = download(script, params, HF_ENDPOINT="http://127.0.0.1:9")  # nobody listens there
    assert process.returncode == 0, process.stderr
    assert "http://127.0.0.1:9 does not answer" in process.stderr
    assert {name: (output / name).read_bytes() for name in files(output)} == expected


def test_a_branch_is_resolved_by_the_cache_too(download, hub, tmp_path):
    fill(hub, tmp_path, {}, "made/bert")
    process, output = download("download_encoder", ENCODER | {"revision": "main"}, HF_HUB_OFFLINE="1")
    assert process.returncode == 0, process.stderr
    assert json.loads((output / "source.json").read_text())["commit"] == COMMIT


@pytest.mark.parametrize(
    ("script", "params", "cached", "missing"),
    [
        ("download_encoder", ENCODER, ["config.json"], "model.safetensors"),
        ("download_encoder", ENCODER | {"revision": "e" * 40}, ["config.json", "model.safetensors"], "config.json"),
        ("download_tokenizer", TOKENIZER, ["config.json"], "vocab.txt or tokenizer.json"),
        ("download_data", DATA, ["README.md", "mrpc/train-00000-of-00001.parquet"], "mrpc/validation-"),
        ("download_data", DATA, ["mrpc/train-00000-of-00001.parquet"], "README.md"),
        ("download_data", DATA | {"revision": "e" * 40}, [], "README.md"),
    ],
)
def test_what_the_cache_lacks_is_told_with_the_command_that_fetches_it(
    download, hub, tmp_path, script, params, cached, missing
):
    kind = ["--repo-type", "dataset"] if script == "download_data" else []
    fill(hub, tmp_path, {}, params["repository"], *kind, "--revision", COMMIT, *cached)
    process, output = download(script, params, HF_HUB_OFFLINE="1")
    line = last_line(process)
    assert f"HF_HUB_OFFLINE is set, and {missing}" in line
    assert f"run: hf download {params['repository']} {' '.join([*kind, ''])}--revision {params['revision']}" in line
    assert not output.exists()


@pytest.mark.parametrize("variable", ["HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_another_revision_in_the_cache_is_not_taken_for_this_one(download, hub, tmp_path, variable):
    home = {"HF_HOME": str(tmp_path / "cache")}
    code = "import datasets; datasets.load_dataset('made/glue', 'mrpc')"
    environment = os.environ | home | {"HF_ENDPOINT": hub.endpoint}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    process, output = download("download_data", DATA | {"revision": "e" * 40}, **home, **{variable: "true"})
    assert f"{variable} is set, and README.md" in last_line(process)
    assert not output.exists()
    process, output = download("download_data", DATA, **home, **{variable: "true"})
    assert process.returncode == 0, process.stderr
    assert files(output) == ["train.parquet", "validation.parquet"]


def test_a_part_of_a_split_is_not_the_split(download, hub, tmp_path):
    folder = hub.root / "datasets/made/glue/mrpc"
    (folder / "train-00000-of-00001.parquet").rename(folder / "train-00000-of-00002.parquet")
    fill(hub, tmp_path, {}, "made/glue", "--repo-type", "dataset", "--revision", COMMIT)
    process, _ = download("download_data", DATA, HF_HUB_OFFLINE="1")
    assert "mrpc/train-*.parquet is not in the cache" in last_line(process)


@pytest.mark.parametrize(
    ("script", "params", "kind"), [("download_encoder", ENCODER, "model"), ("download_data", DATA, "dataset")]
)
def test_a_changed_byte_in_the_cache_is_noticed(download, hub, tmp_path, script, params, kind):
    fill(hub, tmp_path, {}, params["repository"], "--repo-type", kind, "--revision", COMMIT)
    name = "model.safetensors" if kind == "model" else "validation-00000-of-00001.parquet"
    file = next((tmp_path / "home").rglob(f"snapshots/**/{name}"))
    content = file.read_bytes()
    file.resolve().write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    process, output = download(script, params, HF_HUB_OFFLINE="1")
    assert f"{name} is damaged: its SHA-256 is not that of the hub's file; rm " in last_line(process)
    assert not output.exists()


TOKENIZER_JSON = {
    "model": {"type": "BPE", "vocab": {}, "merges": []},
    "normalizer": None,
}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer_config.json", {"do_lower_case": False}, "lowercases nothing: set tokenizer.lowercase to false"),
        ("tokenizer_config.json", {"tokenizer_class": "BertJapaneseTokenizer"}, "'BertJapaneseTokenizer'"),
        ("tokenizer.json", TOKENIZER_JSON, "its model is BPE"),
    ],
)
def test_what_a_tokenizer_on_the_hub_says_of_itself_is_read(download, hub, name, content, message):
    (hub.root / "models/made/bert" / name).write_text(json.dumps(content))
    process, output = download("download_tokenizer", TOKENIZER)
    line = last_line(process)
    assert message in line
    assert f"made/bert at {COMMIT}/{name}" in line
    assert not output.exists()


def test_settings_of_a_tokenizer_on_the_hub_are_honoured(download, hub):
    settings = {"do_lower_case": True, "strip_accents": False, "tokenize_chinese_chars": False, "new_key": 1}
    (hub.root / "models/made/bert/tokenizer_config.json").write_text(json.dumps(settings))
    process, output = download("download_tokenizer", TOKENIZER)
    assert process.returncode == 0, process.stderr
    assert "not known and not read: new_key" in process.stderr
    written = json.loads((output / "tokenizer_config.json").read_text())
    assert written | settings == written | {"new_key": 1}
    assert files(output) == ["source.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
