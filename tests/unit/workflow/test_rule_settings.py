"""The table of rules' settings, held to the scripts that receive them, and the keys that explain their changes."""

import importlib
import json

import pytest
import yaml
from snakemake.utils import update_config

from multipress.compression.method import Group
from multipress.compression.registry import methods
from multipress.core.settings import Section
from multipress.workflow.environment import ROOT
from multipress.workflow.load import MODEL, load
from multipress.workflow.rule_settings import SETTINGS, key_of, settings_json, training_options
from tests.steps import step_of

JOB = {"task": "sst2", "arch": "micro", "seed": "1", "split": "dev", "parent": "kd", "recipe": "kd-mp60"}
MILLI = {"layers": 4, "hidden": 16, "heads": 2, "feed_forward": 16}
STEPS = {name: step_of(method) for name, method in methods().items()}


def configuration(**changes):
    values = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(values, yaml.safe_load((ROOT / "config" / "demo.yaml").read_text()))
    values["study"]["controls"] = False
    for part in ("dissection", "probing"):
        values[part] |= {"recipes": [], "tasks": None}
    update_config(values, {"encoder": {"hub": {"micro": {"repository": "o/micro", "revision": "main"}}}})
    update_config(values, changes)
    return load(values)


def job(rule, **wildcards):
    """The wildcards of a job of a rule."""
    starts = rule in STEPS and methods()[rule].group == Group.START
    own = {name: value for name, value in JOB.items() if name != "parent" or not starts}
    return own | {"step": STEPS.get(rule, "")} | wildcards


def settings(rule, config=None, **wildcards):
    return json.loads(settings_json(rule, config or configuration(), job(rule, **wildcards)))


def script_of(rule):
    """The script of a rule: rules of methods share two."""
    if rule not in methods():
        return rule
    return "train_step" if methods()[rule].trains else "convert_step"


@pytest.mark.parametrize("rule", SETTINGS)
def test_a_rules_settings_are_the_fields_of_its_scripts_params(rule):
    params = importlib.import_module(f"workflow_scripts.{script_of(rule)}").Params
    assert sorted(SETTINGS[rule]) == sorted(params.model_fields)
    params.model_validate(settings(rule))


@pytest.mark.parametrize("rule", SETTINGS)
def test_a_change_is_explained_by_a_key_of_the_configuration(rule):
    for entry in SETTINGS[rule]:
        key = key_of(rule, entry, JOB)
        names = [*JOB, "recipe", "pages", "method", "argument", "inherited"]
        assert key in names or key.startswith(("study.", "multipress/")) or has_key(MODEL, key.split(".")), key


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
        ("quantize", "settings.epochs", "quantize.epochs"),
        ("quantize", "inherited.distill.temperature", "distill.temperature"),
        ("finetune", "tries", "study.teacher_tries"),
        ("finetune", "architecture.hidden", "custom_architectures.micro.hidden"),
        ("generate_data", "rows.train", "data.synthetic.train_rows"),
        ("generate_data", "rows.dev_mismatched", "data.synthetic.dev_rows"),
        ("tokenize", "pair", "custom_tasks.sst2.text_columns"),
        ("prepare_dev", "rows.labels", "custom_tasks.sst2.labels"),
        ("evaluate", "recipes", "study.sparsities, study.bits, study.cross, study.recipes or study.controls"),
        ("plot", "published", "plot.paper_points"),
        ("evaluate", "of_an_older_version", "of_an_older_version"),
        ("of_an_older_version", "part.x", "part.x"),
    ],
)
def test_the_key_of_a_part(rule, part, key):
    assert key_of(rule, part, JOB) == key


def test_the_teacher_alone_knows_of_its_tries():
    before, after = (configuration(study={"teacher_tries": tries}) for tries in (1, 3))
    for rule in methods():
        for arch in ("milli", "micro"):
            is_teacher = (rule, arch) == ("finetune", "milli")
            found = settings(rule, after, arch=arch)
            assert found.pop("tries", None) == (3 if is_teacher else None)
            assert found == settings(rule, before, arch=arch)
    variants = {"ftlong": {"step": "ft", "set": {"epochs": 9}}}
    other = configuration(study={"teacher_tries": 3}, variants=variants)
    assert "tries" not in settings("finetune", other, arch="milli", step="ftlong")


def test_settings_are_canonical():
    text = settings_json("tokenize", configuration(), JOB)
    assert text == '{"max_length":48,"pair":false}'


def test_overrides_reach_only_their_jobs():
    config = configuration(overrides=[{"task": "sst2", "arch": "micro", "stage": "prune", "set": {"epochs": 9}}])
    assert settings("prune", config)["settings"]["epochs"] == 9
    assert settings("prune", config, arch="nano")["settings"]["epochs"] == 1
    assert settings("prune", config, task="rte")["settings"]["epochs"] == 1


def test_what_has_no_effect_is_left_out():
    assert "sample_seed" not in settings("prepare_train")
    assert settings("prepare_train", configuration(data={"max_train_rows": 9}))["sample_seed"] == 0
    assert settings("augment", configuration(augment={"copies": 0})) == {"settings": {"copies": 0}}
    assert "published" not in settings("plot")
    assert "published" in settings("plot", configuration(plot={"paper_points": True}))
    assert "extreme" not in settings("plot")
    assert "extreme" in settings("plot", configuration(data={"source": "hub"}, results="results"))
    own = {
        "kind": "classification",
        "folder": "mood",
        "text_columns": ["text"],
        "label_column": "label",
        "metric": "f1",
    }
    only_own = {"custom_tasks": {"mood": own}, "study": {"tasks": ["mood"]}, "latency": {"tasks": []}}
    real = {"data": {"source": "hub"}, "results": "results"}
    assert "extreme" not in settings("plot", configuration(**only_own, **real))
    assert set(settings("render_tables", configuration(**only_own, **real))["pages"]) == {
        *("ranking", "effects", "families", "changes", "models", "floors"),
    }
    assert settings("distill")["settings"]["temperature"] == 2
    assert "temperature" not in settings("distill", task="stsb")["settings"]
    weights = {"task_weight": 0.5, "task_weight_augmented": 0}
    assert settings("prune")["inherited"] == {"distill": weights | {"temperature": 2}}
    assert settings("prune", task="stsb")["inherited"] == {"distill": weights}
    assert settings("prune", parent="ft")["inherited"] == {}


@pytest.mark.parametrize(("rule", "parent"), [("distill_features", None), ("quantize", "fkd"), ("quantize", "ft-mpf")])
def test_the_architectures_own_teacher_is_the_one_that_nobody_names(rule, parent):
    study = {
        "variants": {"mpf": {"step": "mp60", "set": {"objective": "features"}}},
        "study": {"recipes": ["fkd-int8", "ft-mpf-int8"], "architectures": ["micro", "other"]},
        "custom_architectures": {"other": {"layers": 2, "hidden": 64, "heads": 2, "feed_forward": 256}},
    }
    wildcards = {"parent": parent} if parent else {}
    nobody, own, other = (
        settings(rule, configuration(distill_features={"teacher": name}, **study), **wildcards)
        for name in (None, "micro", "other")
    )
    assert nobody == own != other


def test_a_represented_model_is_held_to_its_first_step_and_the_layers_that_were_its_own():
    study = {
        "tasks": ["sst2"],
        "architectures": ["milli"],
        "seeds": [3, 1, 2],
        "recipes": ["ft-l2", "ft-l2-r50", "ft-l96"],
    }
    more = {"latency": {"tasks": []}, "custom_architectures": {"milli": MILLI}}
    config = configuration(study=study, dissection={"recipes": ["ft-l2-r50"]}, **more)
    found = {
        recipe: settings("represent", config, arch="milli", recipe=recipe, seed=seed)
        for recipe, seed in (("ft", "2"), ("ft-l2", "2"), ("ft-l2-r50", "2"), ("ft-l96", "3"))
    }
    assert {found[recipe]["dense"] for recipe in found} == {"ft"}
    assert [found[recipe]["against_seeds"] for recipe in found] == [[3, 1], [2], [2], [3]]
    assert [found[recipe].get("layers") for recipe in found] == [None, [1, 3], [1, 3], None]
    assert config.represented == ["ft", "ft-l2-r50"]


def test_a_job_gets_its_learning_rate_as_a_number():
    assert settings("prune")["settings"]["learning_rate"] == 5e-4
    assert settings("quantize", configuration(distill={"learning_rate": 2e-3}))["settings"]["learning_rate"] == 4e-4
    assert "learning_rate_factor" not in settings("prune")["settings"]


def test_inherited_settings_are_those_of_the_lineage():
    config = configuration(overrides=[{"recipe": "kd", "set": {"task_weight": 0.3}}])
    assert settings("prune", config)["inherited"]["distill"]["task_weight"] == 0.3


def test_a_step_gets_numbers_and_only_a_first_one_a_shape():
    found = settings("prune")
    assert (found["recipe"], found["method"], found["argument"]) == ("kd-mp50", "prune", 50)
    assert found["architecture"] is None
    assert settings("finetune")["architecture"]["hidden"] == 64
    assert settings("quantize", parent="kd-mp60")["recipe"] == "kd-mp60-int8"


def test_a_variant_has_its_own_settings_and_so_have_its_descendants():
    variants = {"kdt": {"step": "kd", "set": {"temperature": 4.0, "epochs": 7}}}
    config = configuration(variants=variants, study={"recipes": ["kdt-int8"]})
    found = settings("distill", config, step="kdt")
    assert (found["recipe"], found["settings"]["temperature"], found["settings"]["epochs"]) == ("kdt", 4, 7)
    assert settings("distill", config)["settings"]["temperature"] == 2
    assert settings("quantize", config, parent="kdt")["inherited"]["distill"]["temperature"] == 4
    assert settings("tabulate", config) == {"variants": {"kdt": "kd"}}
    assert settings("tabulate") == {}


def test_a_step_without_a_teacher_passes_that_on():
    variants = {
        "kda": {"step": "kd", "set": {"objective": "task"}},
        "mpt": {"step": "mp60", "set": {"objective": "task"}},
    }
    config = configuration(variants=variants, study={"recipes": ["kda-mp60", "kd-mpt-int8"]})
    assert settings("prune", config, parent="kda")["inherited"] == {"distill": {"objective": "task"}}
    assert settings("prune", config, parent="kd", step="mpt")["settings"]["objective"] == "task"
    assert settings("quantize", config, parent="kd-mpt")["inherited"]["prune"] == {"objective": "task"}
    assert key_of("quantize", "inherited.prune.objective", job("quantize")) == "prune.objective"


@pytest.mark.parametrize(
    ("chosen", "recipes", "expected"),
    [
        ("auto", ["ft-mp60-int8"], "tf32"),
        ("auto", ["ft-ptq8"], "auto"),
        ("bfloat16", ["ft-int8"], "bfloat16"),
        ("float32", ["ft-ptq8"], "float32"),
    ],
)
def test_a_study_trains_in_one_precision(chosen, recipes, expected):
    study = {"sparsities": None, "bits": None, "cross": [["ft", "kd"], ["mp60"]], "recipes": recipes}
    options = training_options(configuration(study=study, runtime={"precision": chosen}))
    assert options[options.index("--precision") + 1] == expected
