"""Each mistake ends with one line that names the place and the remedy: no traceback, nothing half-written."""

import shutil

import pytest
import yaml

from tests.runs import CONFIGS


def refused(process, message):
    output = process.stdout + process.stderr
    assert process.returncode != 0
    assert "Traceback" not in output, output
    lines = [line for line in output.splitlines() if message in line]
    assert lines, output
    assert any("error: " in line for line in lines)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("finetune={'epochz': 1}", "finetune.epochz: unknown key; did you mean 'epochs'?"),
        ("custom_tasks={'weather': {'folder': 'nowhere'}}", "nowhere"),
    ],
)
def test_mistakes_in_the_configuration(workflow, config, message):
    refused(workflow.run("all", flags=["--dry-run"], config=[config]), message)


def test_a_results_folder_that_cannot_be_written(workflow):
    (workflow.folder / "synthetic-file").write_text("")
    refused(workflow.run("all", config=["results=synthetic-file/results"]), "cannot be written")


def test_no_nltk_data(workflow):
    environment = {"NLTK_DATA": str(workflow.folder), "HOME": str(workflow.folder)}
    process = workflow.run("all", config=["augment={'lexicon': 'wordnet'}"], **environment)
    refused(process, "nltk.downloader wordnet averaged_perceptron_tagger_eng")
    assert not list(workflow.folder.rglob("*.parquet"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace("verdict", "label"), "verdict"),
        (lambda text: text.replace(",good", ",", 1), "row"),
        (lambda text: "", "empty"),
    ],
)
def test_malformed_data(workflow, damage, message):
    path = workflow.folder / "weather" / "train.csv"
    path.write_text(damage(path.read_text()))
    target = "results/synthetic/data/weather/train.parquet"
    refused(workflow.run(target), message)
    assert not (workflow.folder / target).exists()


@pytest.mark.parametrize("make", ["symlink_to", "hardlink_to"])
def test_a_dev_set_that_is_the_training_set(workflow, make):
    dev = workflow.folder / "weather" / "validation.csv"
    dev.unlink()
    getattr(dev, make)(workflow.folder / "weather" / "train.csv")
    refused(workflow.run("all", flags=["--dry-run"]), "weather/validation.csv is the same file as weather/train.csv")


def test_a_dev_set_of_training_rows(workflow):
    rows = (workflow.folder / "weather" / "train.csv").read_text().splitlines()
    dev = workflow.folder / "weather" / "validation.csv"
    dev.write_text("\n".join(["verdict,report", *(",".join(reversed(row.split(","))) for row in rows[40:])]) + "\n")
    refused(workflow.run("results/synthetic/data/weather/train.parquet"), "all 25 rows of the dev set")


def test_labels_the_training_rows_do_not_know(workflow):
    path = workflow.folder / "weather" / "validation.csv"
    path.write_text(path.read_text().replace("bad", "ugly", 1))
    for split in ("train", "dev"):  # the dev set also watches trainings
        refused(workflow.run(f"results/synthetic/data/weather/{split}.parquet"), "ugly")


def test_too_few_rows_for_a_batch(workflow):
    target = "results/synthetic/models/stsb/nano/seed1/ft/model.safetensors"
    process = workflow.run(target, config=["finetune={'batch_size': 500}", "encoder={'source': 'scratch'}"])
    refused(process, "64 training rows are fewer than one batch of 500")
    assert not (workflow.folder / target).exists()


def test_a_corrupt_checkpoint(finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished.folder, folder)
    copy = type(finished)(folder)
    parent = copy.results / "models/stsb/nano/seed1/ft/model.safetensors"
    parent.write_bytes(parent.read_bytes()[:1000])
    child = copy.results / "models/stsb/nano/seed1/ft-int8/model.safetensors"
    refused(copy.run(str(child.relative_to(folder)), flags=["--forcerun", "quantize"]), "missing or damaged")
    assert not child.exists()


def test_no_network_where_the_hub_is_asked_for(workflow):
    target = "results/downloads/data/rte/train.parquet"
    process = workflow.run(target, configs=[], HF_ENDPOINT="http://127.0.0.1:9", HF_HOME=str(workflow.folder / "hf"))
    refused(process, "check the names, the network and HF_ENDPOINT")
    assert not (workflow.folder / target).exists()


def test_a_mistyped_target(workflow):
    for model in ("stsb/nano/seedX/ft", "stsb/giant/seed1/ft", "wnli/nano/seed1/ft", "stsb/nano/seed1/ft-tern"):
        process = workflow.run(f"results/synthetic/models/{model}/model.safetensors", flags=["--dry-run"])
        assert process.returncode != 0
        assert "No rule to produce" in process.stdout + process.stderr
        assert "Traceback" not in process.stdout + process.stderr


def test_a_target_whose_recipe_is_none(workflow):
    target = "results/synthetic/models/stsb/nano/seed1/ft-mp60-mp40/model.safetensors"
    refused(workflow.run(target, flags=["--dry-run"]), "mp60 and mp40 are both steps of sparsity; keep one")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study: {}\nplot: {}\nstudy: {}\n", "mine.yaml, line 3, column 1: study stands here again, after line 1"),
        ("custom_tasks: {weather: {folder: 'a{b}'}}\n", "mine.yaml, line 1, column 34: custom_tasks.weather.folder"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(workflow, text, message):
    file = workflow.folder / "mine.yaml"
    file.write_text(text)
    refused(workflow.run("all", flags=["--dry-run"], configs=[*CONFIGS, file]), message)


def test_an_override_that_sets_nothing_known(workflow):
    file = workflow.folder / "mine.yaml"
    file.write_text(yaml.safe_dump({"overrides": [{"task": "stsb", "stage": "prune", "set": {"ramp": 1}}]}))
    process = workflow.run("all", flags=["--dry-run"], configs=[*CONFIGS, file])
    refused(process, "overrides[0].set: ramp: unknown key")
