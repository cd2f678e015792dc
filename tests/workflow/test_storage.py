"""Which files go once they have been used, and what becomes stale when they are gone."""

from pathlib import PurePath

import pytest
import yaml

from multipress.compression import recipes
from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_api import dry_run
from multipress.workflow.staleness.rule_graph import follow

DEMO = ROOT / "config" / "demo.yaml"
STUDY = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["study"]
DESIGNED = {"ft", "kd", "ft-mp60", "kd-mp60", "ft-int8", "kd-int8", "ft-mp60-int8", "kd-mp60-int8"}
RECIPES = {"all": {*DESIGNED, *STUDY["recipes"]}}
RECIPES |= {"none": set(), "float": {recipe for recipe in RECIPES["all"] if recipes.bits(recipe) == 32}}

ALONE = {"study": {"controls": False}, "dissection": {"recipes": []}}
"""The study without its controls, and without hidden states, which go as well."""


def temporary(folder, storage):
    """Recipes whose checkpoints go, and those whose ONNX models go; other files stay."""
    with dry_run(["all"], [DEMO], {"storage": storage} | ALONE, folder) as graph:
        files = [PurePath(file) for job in graph.jobs() if job.is_stale for file in job.temporary]
    checkpoints = {file.parent.name for file in files if file.name == "model.safetensors"}
    exported = {file.stem for file in files if file.suffix == ".onnx"}
    runs = len(STUDY["tasks"]) * len(STUDY["architectures"]) * len(STUDY["seeds"])
    assert len(files) == runs * (len(checkpoints) + len(exported))
    return checkpoints, exported


@pytest.mark.parametrize(
    ("storage", "checkpoints", "exported"),
    [
        ({"checkpoints": "none"}, "all", "none"),
        ({"onnx": False}, "none", "all"),
        ({"checkpoints": "quantized", "onnx": False}, "float", "all"),
    ],
)
def test_what_goes_is_what_storage_says(tmp_path, storage, checkpoints, exported):
    assert temporary(tmp_path, storage) == (RECIPES[checkpoints], RECIPES[exported])


NOTHING = {"storage": {"checkpoints": "none", "onnx": False}}


@pytest.fixture(scope="module")
def used(believed, tmp_path_factory):
    """A finished folder of which storage has kept as little as it can."""
    graph = believed("hub").copy(tmp_path_factory.mktemp("storage") / "copy")
    assert graph.stale(NOTHING) == []
    results = graph.folder / "results" / "synthetic"
    gone = [*results.glob("models/**/model.safetensors"), *results.glob("onnx/**/*.onnx")]
    assert gone
    for file in gone:
        file.unlink()
    return graph


@pytest.mark.parametrize("storage", [{}, NOTHING, {"storage": {"checkpoints": "quantized"}}])
def test_what_has_gone_after_use_makes_nothing_stale(used, storage):
    assert used.stale(storage) == []


@pytest.mark.parametrize("rule", ["finetune", "calibrate"])
def test_a_change_of_what_has_gone_is_noticed_and_named(used, rule):
    key, value, before = {"finetune": ("epochs", 2.0, 1.0), "calibrate": ("rows", 64, 512)}[rule]
    jobs = used.stale(NOTHING | {rule: {key: value}})
    reasons = {reason for job in jobs if job.rule == rule for reason in job.reasons}
    assert reasons == {f"{rule}.{key} {before} → {value}"}


def test_what_has_gone_is_made_again_with_all_that_is_made_from_it(used):
    override = {"task": "stsb", "arch": "nano", "stage": "quantize", "set": {"epochs": 2}}
    jobs = {job.name: job.reasons for job in used.stale(NOTHING | {"overrides": [override]})}
    file = "results/synthetic/models/stsb/nano/seed1/ft/model.safetensors"
    assert jobs["finetune stsb/nano/seed1/ft"] == [f"{file} was not kept and is needed again"]
    assert jobs["calibrate stsb/nano/seed1/ft-ptq8"] == [f"input {file} will be remade by finetune"]
    assert jobs["quantize stsb/nano/seed1/ft-int8"] == ["quantize.epochs 1.0 → 2.0"]
    assert not [name for name in jobs if "mnli" in name or "micro" in name]


def test_tables_and_figures_need_nothing_that_has_gone(used):
    expected = set(follow(["analyze", "compare_predictions", "compare_families"]))
    assert used.rules(NOTHING | {"analyze": {"draws": 200}}) == expected
