"""The table of rules' settings, held to the scripts that receive them, and the keys that explain their changes."""

import importlib
import json

import pytest
import yaml

from multipress.core.settings import Section
from multipress.workflow.configuration import Config
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load
from multipress.workflow.rule_settings import SETTINGS, key_of, settings_json
from multipress.workflow.snakemake_api import update_config

JOB = {"task": "sst2", "arch": "micro", "seed": "1", "split": "dev", "parent": "kd", "percent": "60", "bits": "8"}


def configuration(**changes):
    values = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(values, yaml.safe_load((ROOT / "config" / "demo.yaml").read_text()))
    update_config(values, {"encoder": {"hub": {"micro": {"repository": "o/micro", "revision": "main"}}}})
    update_config(values, changes)
    return load(values)


def settings(rule, config=None, **wildcards):
    return json.loads(settings_json(rule, config or configuration(), JOB | wildcards))


@pytest.mark.parametrize("rule", SETTINGS)
def test_a_rules_settings_are_the_fields_of_its_scripts_params(rule):
    params = importlib.import_module(f"workflow_scripts.{rule}").Params
    assert sorted(SETTINGS[rule]) == sorted(params.model_fields)
    params.model_validate(settings(rule))


@pytest.mark.parametrize("rule", SETTINGS)
def test_a_change_is_explained_by_a_key_of_the_configuration(rule):
    for entry in SETTINGS[rule]:
        key = key_of(rule, entry, JOB)
        names = [*JOB, "recipe", "pages"]
        assert key in names or key.startswith(("study.", "multipress/")) or has_key(Config, key.split(".")), key


def has_key(annotation, path):
    """Whether a section has a key; below a free name, any."""
    if not path:
        return True
    if not (isinstance(annotation, type) and issubclass(annotation, Section)):
        return True
    return path[0] in annotation.model_fields and has_key(annotation.model_fields[path[0]].annotation, path[1:])


@pytest.mark.parametrize(
    ("rule", "part", "key"),
    [
        ("quantize", "training.epochs", "quantize.epochs"),
        ("quantize", "distillation.temperature", "distill.temperature"),
        ("finetune", "architecture.hidden", "custom_architectures.micro.hidden"),
        ("generate_data", "rows.train", "data.synthetic.train_rows"),
        ("generate_data", "rows.dev_mismatched", "data.synthetic.dev_rows"),
        ("tokenize", "pair", "custom_tasks.sst2.text_columns"),
        ("prepare_dev", "rows.labels", "custom_tasks.sst2.labels"),
        ("evaluate", "recipes", "study.sparsities, study.bits or study.baselines"),
        ("plot", "published", "plot.paper_points"),
        ("evaluate", "of_an_older_version", "of_an_older_version"),
        ("of_an_older_version", "part.x", "part.x"),
    ],
)
def test_the_key_of_a_part(rule, part, key):
    assert key_of(rule, part, JOB) == key


def test_settings_are_canonical():
    text = settings_json("tokenize", configuration(), JOB)
    assert text == '{"max_length":48,"pair":false}'


def test_overrides_reach_only_their_jobs():
    config = configuration(overrides=[{"task": "sst2", "arch": "micro", "stage": "prune", "set": {"epochs": 9}}])
    assert settings("prune", config)["training"]["epochs"] == 9
    assert settings("prune", config, arch="nano")["training"]["epochs"] == 1
    assert settings("prune", config, task="rte")["training"]["epochs"] == 1


def test_what_has_no_effect_is_left_out():
    assert "sample_seed" not in settings("prepare_train")
    assert settings("prepare_train", configuration(data={"max_train_rows": 9}))["sample_seed"] == 0
    assert settings("augment", configuration(augment={"copies": 0})) == {"settings": {"copies": 0}}
    assert "published" not in settings("plot")
    assert "published" in settings("plot", configuration(plot={"paper_points": True}))
    assert settings("distill")["training"]["temperature"] == 2
    assert "temperature" not in settings("distill", task="stsb")["training"]
    assert settings("prune", task="stsb")["distillation"] == {"task_weight": 0.5}
    assert settings("prune", parent="ft")["distillation"] is None
