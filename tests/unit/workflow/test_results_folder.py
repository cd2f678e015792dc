import json
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from multipress.workflow import results_folder
from multipress.workflow.load import load
from multipress.workflow.results_folder import command_for, folder_of

SNAKEMAKE = shlex.join([sys.executable, "-m", "snakemake"])
FILE = "packed/rte/milli/seed1/kd.safetensors"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The configuration files of the project in a folder, in which the user stands."""
    folder = tmp_path / "my checkout"
    (folder / "config").mkdir(parents=True)
    for name in ("config.yaml", "config/demo.yaml"):
        shutil.copyfile(results_folder.ROOT / name, folder / name)
    monkeypatch.setattr(results_folder, "ROOT", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("table", "folder"),
    [
        ("results/tables/results.csv", "results"),
        ("../else where/tables/mine.csv", "../else where"),
        ("/runs/one/tables/results.csv", "/runs/one"),
        ("anywhere.csv", None),
        ("tables.csv", None),
        ("tables/old/results.csv", None),
    ],
)
def test_a_table_tells_its_folder_of_results(checkout, table, folder):
    assert folder_of(Path(table)) == (folder and Path(folder))


def test_the_command_names_the_configuration_whose_results_they_are(checkout):
    assert command_for(Path("results"), [FILE]) == f"{SNAKEMAKE} results/{FILE} --profile local"
    assert command_for(Path("results/synthetic"), [FILE, "packed/b"]) == (
        f"{SNAKEMAKE} results/synthetic/{FILE} results/synthetic/packed/b --profile local --configfile config/demo.yaml"
    )
    assert command_for(Path("results/other"), [FILE]) == ""


def test_from_elsewhere_the_command_goes_to_the_checkout_first(checkout, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command_for(Path("my checkout/results"), [FILE]) == (
        f"cd '{checkout}' && {SNAKEMAKE} results/{FILE} --profile local"
    )


def test_a_configuration_that_did_not_make_the_results_is_not_named(checkout):
    (checkout / "results/logs").mkdir(parents=True)
    logged = checkout / "results/logs/config.json"
    base = load(yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8")))
    values = base.model_dump(mode="json", exclude_unset=True)
    logged.write_text(json.dumps(values))
    assert command_for(Path("results"), [FILE]) == f"{SNAKEMAKE} results/{FILE} --profile local"
    values["finetune"] = {"epochs": 9}
    logged.write_text(json.dumps(values))
    assert command_for(Path("results"), [FILE]) == ""
    (checkout / "mine.yaml").write_text("finetune: {epochs: 9}\n")
    text = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))
    text["finetune"]["epochs"] = 9
    logged.write_text(json.dumps(load(text).model_dump(mode="json", exclude_unset=True)))
    assert command_for(Path("results"), [FILE]) == f"{SNAKEMAKE} results/{FILE} --profile local --configfile mine.yaml"
    logged.rename(checkout / "results/audit.json")
    (checkout / "results/audit.json").write_text(json.dumps({"configuration": values}))
    assert command_for(Path("results"), [FILE]) == ""


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "results: 7", "{}: x", "", "results: no/such\nunknown: key"])
def test_other_yaml_files_are_passed_over(checkout, text):
    (checkout / "config" / "a.yaml").write_text(text)
    assert command_for(Path("results/synthetic"), [FILE]).endswith("--configfile config/demo.yaml")
