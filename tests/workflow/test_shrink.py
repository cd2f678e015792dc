"""One command from a file of texts to a folder to deploy: stopped, repeated, refused."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

from multipress.commands import verbs
from multipress.core.files import sha256, write_json
from multipress.deployment.predictor import load
from multipress.workflow.environment import ROOT
from tests.documents import TUTORIAL, blocks, commands, run, with_words
from tests.unit.shrink.studies import write_encoder, write_rows
from tests.unit.shrink.test_rows import weather, write_csv

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
COLUMNS = ["--text", "review", "--label", "stars"]
ELSEWHERE = ("multipress shrink", "multipress predict")
"""Commands of README that are run here; the others are in test_documented_commands.py."""
NAMES = {"minilm": "encoder", "FOLDER": "encoder"}
"""How documents call the folder of the encoder, and how it is called here."""


def command(*arguments):
    return [sys.executable, "-m", "multipress", "shrink", *map(str, arguments)]


def call(folder, *arguments):
    return subprocess.run(command(*arguments), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.fixture
def main(monkeypatch):
    """The command in this process: a function that takes arguments to the exit status."""

    def call(arguments):
        monkeypatch.setattr(sys, "argv", ["multipress", "shrink", *arguments])
        handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGHUP)}
        try:
            verbs.main()
        except SystemExit as end:
            return end.code
        finally:
            for name, handler in handlers.items():
                signal.signal(name, handler)
        return 0

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with rows and an encoder of one layer."""
    folder = tmp_path_factory.mktemp("shrink") / "my reviews"
    folder.mkdir()
    write_rows(folder, 400)
    write_encoder(folder / "encoder", layers=1)
    return folder


@pytest.fixture(scope="module")
def asked():
    """What the tutorial's first command asks for."""
    program, verb, *words = shlex.split(with_words(commands(TUTORIAL)[0], NAMES))
    assert (program, verb) == ("multipress", "shrink")
    return words


@pytest.fixture(scope="module")
def stopped(folder, asked):
    """Exit status and last words of a call that was stopped in its first training."""
    with subprocess.Popen(
        command(*asked), cwd=folder, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        for line in process.stdout:
            if "tokenize" in line:
                process.send_signal(signal.SIGTERM)
                break
        process.stdout.read()
        return process.wait(), process.stderr.read()


@pytest.fixture(scope="module")
def shrunk(folder, asked, stopped):
    """What the same command says that goes on to the end."""
    done = call(folder, *asked)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_stopped_call_says_that_it_can_go_on(stopped):
    assert stopped == (143, "multipress shrink: stopped by SIGTERM: what is made stays, the same command goes on\n")


def test_the_same_command_goes_on(folder, shrunk):
    assert "going on with shrunk/config.yaml" in shrunk
    assert "[1/" in shrunk
    assert "import_tokenizer" not in shrunk


def test_it_names_a_model_its_size_latency_score_and_baselines(folder, shrunk):
    answer = (folder / "shrunk/answer.txt").read_text(encoding="utf-8")
    assert answer in shrunk
    assert [line.split()[0] for line in answer.splitlines()[:4]] == ["take", "file", "latency", "score"]
    assert "on the test part (60 rows)" in answer
    assert "beside   majority: accuracy " in answer
    assert "no encoder is needed" in answer


def test_the_folder_to_deploy_works_by_itself(folder, shrunk):
    deployed = folder / "shrunk/deploy"
    assert {file.name for file in deployed.iterdir()} == {
        *("model.onnx", "model.safetensors", "tokenizer.json", "files.json", "model_card.md", "example.py")
    }
    text = "day 7 brought hail"
    card = (deployed / "model_card.md").read_text(encoding="utf-8")
    shown = card.partition("```python\n")[2].partition("```")[0]
    assert shown == (deployed / "example.py").read_text(encoding="utf-8")
    ours = "assert not any(name.startswith('multipress') for name in sys.modules)"
    code = f"{shown}\nimport sys\n{ours}\nprint(predict({text!r}))".replace('"__main__"', '"not now"')
    done = subprocess.run([sys.executable, "-c", code], cwd=deployed, capture_output=True, text=True, check=True)
    for name in ("model.onnx", "model.safetensors"):
        assert done.stdout.strip() == load(deployed / name).predict([text])[0].label
    assert "reviews.csv (review, stars)" in (deployed / "model_card.md").read_text(encoding="utf-8")
    assert (folder / "shrunk/report.html").stat().st_size > 100_000


def test_the_test_part_is_no_file_of_the_study(folder, shrunk):
    planned = (folder / "shrunk/run.log").read_text(encoding="utf-8")
    assert "data/validation.parquet" in planned
    assert "data/test.parquet" not in planned


def test_a_finished_study_is_answered_again_and_nothing_is_made(folder, asked, shrunk):
    again = call(folder, *asked)
    assert again.returncode == 0, again.stderr
    assert "[1/" not in again.stdout
    takes = [[line for line in said.splitlines() if line.startswith("score ")] for said in (shrunk, again.stdout)]
    assert takes[0] == takes[1]


def test_an_edited_configuration_is_not_overwritten(folder, asked, shrunk, capsys, monkeypatch, main):
    monkeypatch.chdir(folder)
    for name in ("request.json", "config.yaml"):
        (folder / "edited").mkdir(exist_ok=True)
        shutil.copyfile(folder / "shrunk" / name, folder / "edited" / name)
    with (folder / "edited/config.yaml").open("a", encoding="utf-8") as stream:
        stream.write("# mine\n")
    assert main([*asked, "--out", "edited", "--within", "7"]) == 1
    assert "edited/config.yaml was edited, and another plan would overwrite it" in capsys.readouterr().err
    assert (folder / "edited/config.yaml").read_text(encoding="utf-8").endswith("# mine\n")


def test_pairs_with_numbers(folder, capfd, monkeypatch, main):
    monkeypatch.chdir(folder)
    texts = [text for text, _ in weather(300)]
    rows = [(one, two, len(one) % 4 + len(two) % 3 + 0.5) for one, two in zip(texts, reversed(texts), strict=True)]
    write_csv(folder / "pairs.csv", rows, ("one", "two", "score"))
    asked = [
        "--text",
        "one",
        "two",
        "--label",
        "score",
        "--encoder",
        "encoder",
        "--target",
        "latency",
        "--within",
        "90",
    ]
    assert main(["pairs.csv", *asked, "--out", "pairs"]) == 0, capfd.readouterr().err[-3000:]
    said = capfd.readouterr().out
    assert "numbers with fractions: a number is predicted (regression)" in said
    assert "score    pearson" in said
    example = subprocess.run(
        [sys.executable, "example.py"], cwd=folder / "pairs/deploy", capture_output=True, text=True, check=True
    )
    float(example.stdout)


REFUSED = {
    "no column": (["--text", "text"], "has no column 'text': it has review, stars"),
    "no file": (["--dev", "gone.csv"], "gone.csv is no file"),
    "no time": (["--hours", "0.001"], "--hours 0.001 is too little"),
    "no encoder": (["--encoder", "gone"], "there is no such folder"),
    "no bert": (["--encoder", "roberta"], 'model_type is "roberta", and BERT (bert) alone is computed here'),
    "metric": (["--metric", "pearson"], "--metric pearson does not suit classification"),
    "foreign folder": (["--out", "encoder"], "encoder is there and not of this command"),
    "another study": (["--out", "other"], "other was made with another encoder: choose another --out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(folder, asked, name, capsys, monkeypatch, main):
    monkeypatch.chdir(folder)
    extra, expected = REFUSED[name]
    write_encoder(folder / "roberta", model_type="roberta")
    digest = {"name": "reviews.csv", "sha256": sha256(folder / "reviews.csv")}
    request = {"file": digest, "dev": None, "text": ["review"], "label": "stars", "kind": None, "encoder": "one"}
    write_json(folder / "other" / "request.json", request)
    assert main([*asked, "--out", f"out {name}", *extra]) == 1
    said = capsys.readouterr().err
    assert expected in said
    assert len(said.splitlines()) == 1


def test_without_an_encoder_and_a_network_three_ways_are_named(folder, tmp_path, capsys, monkeypatch, main):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert main(["reviews.csv", *COLUMNS, "--out", "default"]) == 1
    said = capsys.readouterr().err
    assert all(way in said for way in ("--encoder FOLDER", "HF_HUB_CACHE", "HF_ENDPOINT"))
    assert len(said.splitlines()) == 1


def test_the_configuration_is_what_was_planned(folder, shrunk):
    request = json.loads((folder / "shrunk/request.json").read_text(encoding="utf-8"))
    assert request["plan"]["rows_per_second"] > 0
    configuration = (folder / "shrunk/config.yaml").read_text(encoding="utf-8")
    assert 'recipes: ["ft-ptq8", "ft-ter"]' in configuration
    assert "lowercase: true" in configuration


def test_the_other_commands_of_the_tutorial_and_of_readme_run(folder, shrunk):
    tutorial, readme = blocks(TUTORIAL)[1:], [line for line in commands("README.md") if line.startswith(ELSEWHERE)]
    assert len(readme) == len(ELSEWHERE)
    for script in [*tutorial, *readme]:
        done = run(with_words(script, NAMES), folder)
        assert done.returncode == 0, script + done.stdout[-2000:] + done.stderr[-2000:]
        assert done.stdout, script
