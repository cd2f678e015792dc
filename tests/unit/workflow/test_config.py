import copy
import json
from pathlib import Path

import pytest
import yaml

from multipress.core.errors import UserError
from multipress.workflow.load import load
from multipress.workflow.rule_settings import key_of, settings_json

ROOT = Path(__file__).parents[3]
PAPER = yaml.safe_load((ROOT / "config.yaml").read_text())
DEMO = yaml.safe_load((ROOT / "config" / "demo.yaml").read_text())
FREE = ("custom_tasks", "custom_architectures", "encoder.hub")
"""Mappings whose keys the user chooses."""


def leaves(values, prefix=""):
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and name not in FREE:
            yield from leaves(value, f"{name}.")
        else:
            yield name


def merged(*configurations):
    result = {}
    for configuration in configurations:
        for key, value in configuration.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def test_config_yaml_is_the_whole_paper():
    config = load(PAPER)
    models = len(config.study.tasks) * len(config.study.architectures) * len(config.study.seeds) * len(config.recipes)
    assert models == 1728


def test_the_metric_of_a_glue_task_is_the_papers_unless_another_is_set():
    config = load(merged(PAPER, {"evaluate": {"metrics": {"mrpc": "f1", "stsb": "pearson"}}}))
    tasks = ("mrpc", "qqp", "stsb")
    found = {task: json.loads(settings_json("evaluate", config, _model(task)))["metric"] for task in tasks}
    assert found == {"mrpc": "f1", "qqp": "accuracy", "stsb": "pearson"}
    assert json.loads(settings_json("compare_predictions", config, {}))["metrics"]["mrpc"] == "f1"
    assert json.loads(settings_json("prepare_dev", config, _model("mrpc") | {"split": "dev"}))["metric"] == "f1"
    assert config.task("mrpc").splits == load(PAPER).task("mrpc").splits
    assert key_of("evaluate", "metric", _model("mrpc")) == "evaluate.metrics.mrpc"
    assert key_of("evaluate", "metric", _model("mine")) == "custom_tasks.mine.metric"
    assert key_of("compare_predictions", "metrics.mrpc", {}) == "evaluate.metrics.mrpc"


def test_the_papers_points_are_shown_beside_its_own_metrics_alone():
    shown = [
        load(merged(PAPER, {"evaluate": {"metrics": metrics}})).shows_paper
        for metrics in ({}, {"cola": "accuracy"}, {"cola": "matthews"})
    ]
    assert shown == [True, True, False]


def _model(task):
    return {"task": task, "arch": "tiny", "seed": "1"}


def test_config_yaml_spells_out_every_key():
    assert set(leaves(PAPER)) == set(leaves(json.loads(load(PAPER).model_dump_json())))


def test_the_demo_adds_no_key_and_is_valid():
    assert set(leaves(DEMO)) <= set(leaves(PAPER))
    assert load(merged(PAPER, DEMO)).is_synthetic


CROSS = {"sparsities": None, "bits": None}
VARIANT = {"kdn": {"step": "kd", "set": {"epochs": 1}}}
MINE = {"kind": "classification", "text_columns": ["a"], "metric": "accuracy"}
RATING = {"kind": "regression", "folder": "d", "text_columns": ["t"], "metric": "pearson"}
BAD = [
    ({"finetune": {"epochz": 3}}, "finetune.epochz: unknown key; did you mean 'epochs'"),
    ({"nonsense": 1}, "nonsense: unknown key"),
    ({"results": "results/{task}"}, "results: 'results/{task}'"),
    ({"custom_tasks": {"mine": {"lable_column": "x"}}}, "mine.lable_column: unknown key; did you mean 'label_column'"),
    ({"overrides": [{"stages": "prune"}]}, "did you mean 'stage'"),
    ({"overrides": [{"task": "rte", "stage": "data", "set": {"folder": "x"}}]}, "folder cannot differ between tasks"),
    (
        {
            "overrides": [
                {"task": "rte", "stage": "prune", "set": {"ramp_start": 0.6}},
                {"arch": "tiny", "stage": "prune", "set": {"ramp_end": 0.5}},
            ]
        },
        "overrides of prune for rte, tiny: ramp_start 0.6",
    ),
    ({"finetune": {"epochs": "many"}}, "finetune.epochs: 'many'"),
    ({"finetune": {"learning_rate": -1}}, "finetune.learning_rate: -1"),
    ({"study": {"tasks": []}}, "study.tasks: .*at least 1"),
    ({"study": {"tasks": ["wnli"]}}, "unknown task 'wnli': known are cola"),
    ({"study": {"tasks": ["rte", "rte"]}}, "twice"),
    ({"study": {"architectures": ["huge"]}}, "unknown architecture 'huge'"),
    ({"study": {"teacher": "professor"}}, "unknown architecture 'professor'"),
    ({"study": {"teacher_tries": 0}}, "study.teacher_tries: 0: input should be greater than or equal to 1"),
    ({"study": {"teacher_tries": 101}}, "study.teacher_tries: 101"),
    ({"study": {"teacher_tries": 1.5}}, "study.teacher_tries: 1.5"),
    ({"study": {"teachers_tries": 2}}, "study.teachers_tries: unknown key; did you mean 'teacher_tries'"),
    ({"study": {"sparsities": [1.0]}}, "sparsity 1.0: use a fraction between 0 and 1"),
    ({"study": {"sparsities": [0.123]}}, "whole percents"),
    ({"study": {"bits": [2]}}, "study.bits: bits 2: .*use 3 to 16.*; for fewer, use ter or bin"),
    ({"study": {"bits": [32]}}, "study.bits: bits 32: int32 compresses nothing: put its models into study.recipes"),
    ({"study": CROSS | {"cross": [["ft"], ["mp0"]]}}, "study.cross names mp0, which compresses nothing: put its"),
    (
        {"study": {"controls": True}, "variants": {"ftl": {"step": "ft", "set": {"epochs": 9}}}},
        "variants: 'ftl' is the name of a control: choose another, or set study.controls to false",
    ),
    ({"study": {"controls": "some"}}, "study.controls: 'some' is neither true or false nor a list of steps"),
    ({"study": {"controls": ["mp0", 3]}}, r"study.controls: \['mp0', 3\] is neither"),
    ({"study": {"controls": ["mp0", "mp0"]}}, "study.controls: .* names something twice"),
    (
        {"study": {"controls": ["mp60"]}},
        "study.controls: 'mp60' is no control: of this study's cross they are ftl, fta, kdo, .*, mp0",
    ),
    ({"study": CROSS | {"cross": [["ft"]], "controls": ["mp0"]}}, "study.controls: 'mp0' is no control: its cross has"),
    ({"study": {"bits": None}}, "study: bits is missing"),
    ({"study": {"cross": [["ft"], ["int8"]]}}, "cross takes the place of sparsities and bits: set .* to null"),
    ({"study": CROSS | {"cross": [["int8"]]}}, "study.cross: 'int8' is no recipe: it must begin with ft or kd"),
    (
        {"study": CROSS | {"cross": [["ft"], ["mp60"], ["bin"]]}},
        "study.cross: 'ft-mp60-bin' is no recipe: bin cannot follow mp60, for binary weights have no zero",
    ),
    ({"study": CROSS | {"cross": [[]]}}, "study.cross is empty"),
    (
        {"study": CROSS | {"cross": [["ft"], ["l2"]]}},
        "recipe ft-l2 of architecture tiny keeps 2 layers, but the parent has",
    ),
    (
        {
            "study": CROSS | {"architectures": ["thin"], "teacher": "thin", "cross": [["ft"], ["h50"]]},
            "custom_architectures": {"thin": {"layers": 2, "hidden": 8, "heads": 1, "feed_forward": 16}},
            "encoder": {"source": "scratch"},
        },
        "recipe ft-h50 of architecture thin takes heads from layers that have one: use an architecture with more, or",
    ),
    ({"study": {"recipes": ["ft-int8-l2"]}}, "study.recipes: 'ft-int8-l2' is no recipe: l2 comes before int8"),
    (
        {"study": CROSS | {"cross": [["ft"], ["int8"], ["mp60"]]}},
        "study.cross: ft-int8-mp60 is in another order than the default one: put it into study.recipes",
    ),
    ({"study": {"recipes": ["ft-int8-ptq8"]}}, "int8 and ptq8 are both steps of precision"),
    ({"study": {"recipes": ["ft-mp60-int8"]}}, "study.recipes: ft-mp60-int8 is in the cross already"),
    (
        {"study": {"recipes": ["ft-s2"]}},
        "recipe ft-s2 of architecture tiny makes 2 groups of layers, but the parent has",
    ),
    ({"study": {"recipes": ["ft-er128"]}}, "architecture tiny factors a word table of 30522 rows and 128 columns"),
    (
        {"study": {"recipes": ["ft-er120"]}, "tokenizer": {"source": "train", "vocabulary": 1000}},
        "architecture tiny factors a word table of 1000 rows and 128 columns, which that makes no smaller: use a rank",
    ),
    ({"study": {"recipes": ["ft-mp40-nm24"]}}, "mp40 and nm24 are both steps of sparsity; keep one"),
    ({"study": {"recipes": ["ft-nm24-bin"]}}, "bin cannot follow nm24, for binary weights have no zero"),
    ({"study": {"recipes": ["ft-l24"]}}, "recipe ft-l24 of architecture large keeps 24 layers, but the parent has 24"),
    ({"study": {"baselines": ["ft-mp60-int8"]}}, "study.recipes: ft-mp60-int8 is in the cross already"),
    ({"study": {"sparsities": [0.6, 0.6000000000001]}}, "study: the cross has mp60 twice"),
    ({"study": CROSS | {"cross": [["ft", "ft"], ["int8"]]}}, "study: the cross has ft twice"),
    ({"study": CROSS | {"cross": [["ft"], ["mp60-int8"]]}}, "study.cross: 'mp60-int8' is not one step"),
    ({"study": CROSS | {"cross": [["ft"], [""]]}}, "study.cross: '' is not one step"),
    *(
        ({"variants": {name: {"step": "kd", "set": {"epochs": 1}}}}, f"variants: '{name}' is the name of a step or of")
        for name in ("mp50", "int20", "none")
    ),
    (
        {
            "variants": {"mplate": {"step": "mp60", "set": {"ramp_start": 0.6}}},
            "overrides": [{"arch": "tiny", "stage": "prune", "set": {"ramp_end": 0.5}}],
        },
        "ramp_start 0.6",
    ),
    ({"study": CROSS | {"cross": [["ft"], ["ptq8"]]}}, "study.cross names ptq8, which trains nothing"),
    ({"variants": {"kdn": {"step": "kx", "set": {"epochs": 1}}}}, "variants.kdn: there is no step 'kx'"),
    ({"variants": {"kdn": {"step": "kd", "set": {"epoch": 1}}}}, "variants.kdn.set: epoch: unknown key; did you mean"),
    ({"variants": {"kdn": {"step": "kd", "set": {"epochs": -1}}}}, "variants.kdn.set: epochs: -1"),
    ({"variants": {"kdn": {"step": "kd", "set": {}}}}, "variants.kdn.set: "),
    ({"variants": VARIANT, "study": CROSS | {"cross": [["ft", "kdn"]]}}, "study.cross names the variant kdn"),
    ({"study": {"recipes": ["kdn-mp60"]}}, "there is no step 'kdn'"),
    ({"custom_architectures": {"a": {"from": "b", "layers": [0]}, "b": {"from": "a", "layers": [0]}}}, "is a cycle"),
    ({"custom_architectures": {"a": {"from": "tinny", "layers": [0]}}}, "a.from: unknown architecture 'tinny'; known"),
    ({"custom_architectures": {"a": {"from": "tiny", "layers": [0, 2]}}}, "tiny has no layer 2: its layers are 0 to 1"),
    ({"custom_architectures": {"a": {"from": "tiny", "layers": [1, 0]}}}, "a.layers: layers .* must rise"),
    ({"custom_architectures": {"a": {"from": "tiny", "layers": [0], "hidden": 8}}}, "a.hidden: unknown key; known are"),
    (
        {"overrides": [{"arch": "tiny", "stage": "prun", "set": {"epochs": 1}}]},
        "stage 'prun' cannot be overridden: use",
    ),
    (
        {"custom_tasks": {"mine": RATING | {"label_range": [5, 0]}}},
        r"custom_tasks.mine: label_range \[5.0, 0.0\] must name the smallest label, then the largest",
    ),
    ({"augment": {"min_words": 11}}, "augment: min_words 11 must not be above max_words 10"),
    ({"results": "."}, "results: '.' holds the working directory"),
    ({"results": "results/.."}, "holds the working directory"),
    ({"results": "/"}, "holds the working directory"),
    ({"study": {"seeds": [-1]}}, "study.seeds.0: -1: input should be greater than or equal to 0"),
    ({"prune": {"ramp_start": 0.8}}, "ramp_start 0.8 must be below ramp_end 0.7"),
    ({"data": {"source": "web"}}, "data.source: 'web'"),
    ({"data": {"source": "folder"}}, "set data.folder"),
    ({"data": {"source": "synthetic"}}, "must contain 'synthetic'"),
    ({"data": {"hub": {"revision": "main"}}}, "data.hub.revision"),
    ({"tokenizer": {"source": "folder"}}, "set tokenizer.folder"),
    ({"encoder": {"source": "folder"}}, "set encoder.folder"),
    ({"latency": {"tasks": ["wnli"]}}, r"latency.tasks names wnli: only models of study.tasks are measured \(cola"),
    ({"latency": {"seeds": [7]}}, r"latency.seeds names 7: only models of study.seeds are measured \(1, 2, 3\)"),
    ({"latency": {"seeds": []}}, "latency.seeds: .*at least 1"),
    ({"latency": {"lengths": [513]}}, "latency.lengths.0: 513"),
    ({"latency": {"lengths": [], "task_lengths": False}}, "latency measures no length"),
    ({"latency": {"batch_sizes": [1, 1]}}, "latency.batch_sizes: .*twice"),
    ({"latency": {"tasks": ["rte", "rte"]}}, "latency.tasks: .*twice"),
    ({"latency": {"repetitions": 4}}, "latency.repetitions: 4"),
    ({"latency": {"seconds": 0}}, "latency.seconds: 0"),
    ({"latency": {"warmups": 1}}, "did you mean 'warmup'"),
    (
        {"dissection": {"recipes": ["ft-mp61"]}},
        "dissection.recipes names ft-mp61: only models of study.recipes are compared",
    ),
    (
        {"study": {"recipes": ["fkd-bin"]}, "dissection": {"recipes": "all"}},
        "compares fkd-bin with fkd, which the study",
    ),
    (
        {"study": {"recipes": ["cnn8"]}, "dissection": {"recipes": ["cnn8"]}},
        "dissection.recipes names cnn8, which has no Transformer layers",
    ),
    ({"probing": {"recipes": ["ft-mp50"]}}, r"probing.recipes names ft-mp50: only models of study.recipes are probed"),
    ({"probing": {"tasks": ["wnli"]}}, r"probing.tasks names wnli: only models of study.tasks are probed \(cola"),
    ({"probing": {"probes": ["lengths"]}}, "probing.probes: there is no probe 'lengths': probes are length, word_cont"),
    ({"probing": {"probes": []}}, "probing.probes: names none: name some, or write null for all"),
    (
        {"study": {"recipes": ["cnn32"]}, "probing": {"recipes": ["cnn32"]}},
        "probing.recipes names cnn32, which has no Transformer layers: remove it",
    ),
    ({"storage": {"checkpoints": "float"}}, "storage.checkpoints: 'float'"),
    ({"storage": {"onnx": "maybe"}}, "storage.onnx: 'maybe'"),
    ({"storage": {"checkpoint": "none"}}, "storage.checkpoint: unknown key; did you mean 'checkpoints'"),
    ({"overrides": [{"task": "rte", "stage": "finetune", "set": {"epoch": 1}}]}, r"overrides\[0\].set: epoch: unknown"),
    ({"overrides": [{"task": "wnli", "stage": "finetune", "set": {"epochs": 1}}]}, r"overrides\[0\] names 'wnli'"),
    ({"overrides": [{"stage": "finetune", "set": {"epochs": 1}}]}, "needs a task, an arch, or both"),
    ({"overrides": [{"task": "rte", "set": {"epochs": 1}}]}, "overrides.0: an override needs one of stage, step and"),
    (
        {"overrides": [{"step": "mp60", "stage": "prune", "set": {"epochs": 1}}]},
        "overrides.0: an override needs one of stage, step and recipe",
    ),
    ({"overrides": [{"step": "mq60", "set": {"epochs": 1}}]}, r"overrides\[0\].step: there is no step 'mq60'"),
    ({"overrides": [{"step": "kdn", "set": {"epochs": 1}}]}, r"overrides\[0\].step: there is no step 'kdn'"),
    ({"overrides": [{"recipe": "mp60", "set": {"epochs": 1}}]}, r"overrides\[0\].recipe: 'mp60' is no recipe"),
    ({"overrides": [{"step": "mp60", "set": {"kept": 1}}]}, r"overrides\[0\].set: kept: unknown key"),
    ({"prune": {"learning_rate": 1e-5}}, "prune: learning_rate and learning_rate_factor are both set: set one"),
    ({"prune": {"learning_rate_factor": None}}, "prune: learning_rate and learning_rate_factor are both null"),
    ({"finetune": {"learning_rate_factor": 1}}, "finetune.learning_rate_factor: unknown key"),
    ({"finetune": {"learning_rate": 0.9}, "prune": {"learning_rate_factor": 2}}, "recipe ft-mp40 for cola, base: lear"),
    (
        {"overrides": [{"step": "mp40", "set": {"ramp_start": 0.9}}]},
        "ramp_start 0.9 must be below ramp_end 0.7",
    ),
    (
        {"overrides": [{"arch": "tiny", "stage": "augment", "set": {"copies": 1}}]},
        "does not depend on the architecture",
    ),
    (
        {"custom_tasks": {"rte": {"kind": "regression", "text_columns": ["a"], "metric": "pearson"}}},
        "name of a GLUE task",
    ),
    (
        {"custom_tasks": {"mine": {"kind": "regression", "text_columns": ["a"], "metric": "f1"}}},
        "does not suit regression",
    ),
    ({"evaluate": {"metrics": {"mrpc": "f2"}}}, "evaluate.metrics.mrpc"),
    (
        {"evaluate": {"metrics": {"stsb": "f1"}}},
        "evaluate.metrics.stsb: metric 'f1' does not suit regression: use pearson or spearman",
    ),
    (
        {"evaluate": {"metrics": {"cola": "pearson"}}},
        "'pearson' does not suit classification: use accuracy, f1 or matthews",
    ),
    ({"evaluate": {"metrics": {"wnli": "f1"}}}, "evaluate.metrics: unknown task 'wnli': GLUE's are cola, sst2"),
    (
        {"custom_tasks": {"mine": {**MINE, "folder": "d"}}, "evaluate": {"metrics": {"mine": "f1"}}},
        "set custom_tasks.mine.metric",
    ),
    ({"custom_tasks": {"mine": {**MINE, "splits": {"train": "all", "dev": "all"}}}}, "train and dev are both 'all'"),
    (
        {"custom_tasks": {"mine": {**MINE, "splits": {"train": "all", "dev": "new", "dev_old": "all"}}}},
        "train and dev_old are both 'all'",
    ),
    ({"custom_tasks": {"mine": {**MINE, "label_column": "a"}}}, "mine: label_column 'a' is a text column, too"),
    ({"custom_tasks": {"mine": {**MINE, "labels": ["Yes", "yes"]}}}, "mine: labels 'Yes' and 'yes' differ by spelling"),
    ({"custom_architectures": {"odd": {"layers": 1, "hidden": 10, "heads": 3, "feed_forward": 8}}}, "not a multiple"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_a_mistake_is_named_in_one_line(change, message):
    with pytest.raises(UserError, match=message) as caught:
        load(merged(PAPER, change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("results", ["./results", "results/", "results//", "x/../results"])
def test_the_results_have_one_spelling(results):
    assert load(merged(PAPER, {"results": results})).results == "results"


def test_recipes_may_have_their_former_name():
    assert load(merged(PAPER, {"study": {"baselines": ["ft-ptq4"]}})).study.recipes == ["ft-ptq4"]


def test_without_other_words_the_first_seed_of_the_study_is_measured():
    assert load(merged(PAPER, {"study": {"seeds": [5, 2]}})).measured_seeds == [5]
    assert load(merged(PAPER, {"latency": {"seeds": [3, 1]}})).measured_seeds == [3, 1]


def test_models_are_probed_beside_the_uncompressed_ones_that_they_began_as():
    config = load(merged(PAPER, {"probing": {"recipes": ["ft-mp60", "kd-int8", "ft-int8"], "tasks": ["rte"]}}))
    assert config.probed_recipes == ["ft", "ft-mp60", "kd", "kd-int8", "ft-int8"]
    assert config.probed_tasks == ["rte"]
    assert load(PAPER).probed_recipes == []
    every = load(merged(PAPER, {"study": {"recipes": ["cnn32"]}, "probing": {"recipes": "all"}}))
    assert every.probed_recipes == [recipe for recipe in every.recipes if recipe != "cnn32"]


@pytest.mark.parametrize(("checkpoints", "kept"), [("all", (1, 1)), ("quantized", (0, 1)), ("none", (0, 0))])
def test_storage_says_which_checkpoints_stay(checkpoints, kept):
    storage = load(merged(PAPER, {"storage": {"checkpoints": checkpoints}})).storage
    assert (storage.keeps_float, storage.keeps_quantized) == kept


@pytest.mark.parametrize("name", ["a b", "a'b", "a/b", "..", "", "a;b", "-a", "tä"])
def test_names_that_would_break_paths_are_refused(name):
    for section in ("tasks", "architectures"):
        with pytest.raises(UserError, match="no valid name"):
            load(merged(PAPER, {"study": {section: [name]}}))


def test_overrides_reach_only_their_jobs_and_the_last_one_wins():
    overrides = [
        {"task": "rte", "stage": "finetune", "set": {"epochs": 10}},
        {"task": "rte", "arch": "tiny", "stage": "finetune", "set": {"epochs": 20}},
        {"task": "rte", "stage": "data", "set": {"synthetic": {"train_rows": 50}}},
    ]
    config = load(merged(PAPER, {"overrides": overrides}))
    assert config.stage("finetune", "rte", "base").epochs == 10
    assert config.stage("finetune", "rte", "tiny").epochs == 20
    assert config.stage("finetune", "cola", "tiny").epochs == 3
    assert config.stage("data", "rte").synthetic.train_rows == 50
    assert config.stage("data", "rte").synthetic.dev_rows == 1000


def rates(change, *recipes, task="rte", arch="large"):
    config = load(merged(PAPER, change))
    return [config.settings_of(recipe, task, arch).learning_rate for recipe in recipes]


def test_a_later_rate_is_a_part_of_the_first_steps_of_its_task_and_architecture():
    lineage = ("kd", "kd-mp60", "kd-mp60-int8", "ft-int8")
    assert rates({}, *lineage) == [2e-5, 2e-5, 8e-6, 8e-6]
    assert rates({}, *lineage, arch="tiny") == [1e-4, 1e-4, 4e-5, 4e-5]
    changed = {"overrides": [{"task": "rte", "stage": "finetune", "set": {"learning_rate": 3e-4}}]}
    assert rates(changed, "ft-mp60", "ft-mp60-int8", "kd-mp60") == [3e-4, 1.2e-4, 5e-5]
    assert rates(changed, "ft-mp60", task="cola") == [5e-5]


def test_a_variant_that_starts_sets_the_rates_of_what_is_made_from_it():
    variants = {"kdn": {"step": "kd", "set": {"learning_rate": 4e-5}}}
    assert rates({"variants": variants}, "kdn", "kdn-mp60", "kdn-mp60-int8", "kd-mp60") == [4e-5, 4e-5, 1.6e-5, 2e-5]


def test_one_form_of_a_rate_takes_the_place_of_the_other():
    absolute = {"prune": {"learning_rate": 7e-5, "learning_rate_factor": None}}
    assert rates(absolute, "ft-mp60", "ft-mp60-int8") == [7e-5, 8e-6]
    overrides = [{"arch": "large", "stage": "prune", "set": {"learning_rate": 6e-5}}]
    assert rates({"overrides": overrides}, "ft-mp60") == [6e-5]
    later = {"task": "rte", "stage": "prune", "set": {"learning_rate_factor": 2}}
    assert rates({"overrides": [*overrides, later]}, "ft-mp60") == [1e-4]
    overrides += [{"step": "mp60", "set": {"learning_rate_factor": 0.5}}]
    assert rates({"overrides": overrides}, "ft-mp60", "ft-mp40") == [2.5e-5, 6e-5]
    variants = {"mpslow": {"step": "mp60", "set": {"learning_rate": 1e-6}}}
    assert rates({"variants": variants, "overrides": overrides}, "ft-mpslow") == [1e-6]


def test_the_narrower_override_wins_and_then_the_later_one():
    overrides = [
        {"recipe": "kd-mp60", "set": {"epochs": 8}},
        {"step": "mp60", "task": "rte", "set": {"epochs": 6}},
        {"step": "mp60", "set": {"epochs": 7}},
        {"step": "mpg", "arch": "base", "set": {"epochs": 9}},
        {"stage": "prune", "task": "rte", "set": {"epochs": 5}},
    ]
    variants = {"mpg": {"step": "mp60", "set": {"epochs": 4}}}
    config = load(merged(PAPER, {"overrides": overrides, "variants": variants}))
    expected = {"kd-mp60": 8, "ft-mp60": 7, "ft-mp40": 5, "ft-mpg": 4, "kd-mp60-int8": 3}
    assert {recipe: config.settings_of(recipe, "rte", "tiny").epochs for recipe in expected} == expected
    assert config.settings_of("ft-mpg", "rte", "base").epochs == 9


@pytest.mark.parametrize("text", ["off", "'off'", "no"])
def test_the_worker_is_off_however_yaml_reads_it(text):
    assert load(merged(PAPER, yaml.safe_load(f"runtime: {{worker: {text}}}"))).runtime.worker == "off"


def test_the_worker_is_never_on_by_a_truth_value():
    with pytest.raises(UserError, match="worker: True: input should be 'auto' or 'off'"):
        load(merged(PAPER, {"runtime": {"worker": True}}))


CONTROLS = yaml.safe_load((ROOT / "config" / "controls.yaml").read_text())
REAL = yaml.safe_load((ROOT / "config" / "minilm.yaml").read_text())
FOLDERS = {name: {"folder": "d"} for name in ("data", "tokenizer", "encoder")}


@pytest.mark.parametrize(
    ("study", "controls"), [({}, 14), (DEMO, 11), (merged(REAL, FOLDERS), 14)], ids=["paper", "demo", "real"]
)
def test_the_file_of_controls_lies_over_any_study(study, controls):
    without = load(merged(PAPER, study, {"study": {"controls": False}}))
    config = load(merged(PAPER, study, CONTROLS))
    assert len(config.recipes) == len(without.recipes) + controls
    assert set(config.recipes_beside) == {*without.recipes_beside, *config.controls}
    assert (without.controls, config.designed_recipes) == ([], without.designed_recipes)


def test_a_control_is_trained_with_the_settings_of_the_step_that_it_controls():
    config = load(merged(PAPER, CONTROLS, {"distill": {"epochs": 7.0}, "prune": {"epochs": 5.0}}))
    for name in ("ftl", "fta", "kdo", "kd"):
        found = config.settings_of(name, "rte", "tiny")
        assert (found.epochs, found.learning_rate) == (7, 1e-4)  # also the override's rate
    assert config.settings_of("ft-mp0", "rte", "tiny") == config.settings_of("ft-mp60", "rte", "tiny")
    found = (config.settings_of(recipe, "rte", "tiny").model_dump() for recipe in ("kd-mp60t", "kd-mp60"))
    without_teacher, pruned = found
    assert without_teacher == pruned | {"objective": "task"}


TWO_SPARSITIES = merged(PAPER, CONTROLS, {"study": {"sparsities": [0.4, 0.6]}})


def overridden(*overrides, of=TWO_SPARSITIES):
    return load(merged(of, {"overrides": [*PAPER["overrides"], *overrides]}))


@pytest.mark.parametrize(
    ("override", "reached"),
    [
        ({"step": "int8"}, {"ft-int32", "kd-int32", "kd-mp60-int32", "kd-int8t"}),
        ({"step": "int8", "arch": "mini"}, set()),
        ({"recipe": "kd-mp60-int8"}, {"kd-mp60-int32"}),
        ({"recipe": "kd-mp60"}, {"kd-mp60t"}),
        ({"step": "kd"}, {"ftl", "fta", "kdo"}),
        ({"step": "int32"}, {"ft-int32", "kd-int32", "kd-mp60-int32"}),
        ({"recipe": "kd-int32"}, {"kd-int32"}),
        ({"step": "mp60t"}, {"kd-mp60t"}),
    ],
)
def test_an_override_of_a_step_reaches_its_controls(override, reached):
    config = overridden(override | {"set": {"epochs": 7}}, {"step": "mp0", "set": {"epochs": 3}})
    found = {recipe for recipe in config.controls if config.settings_of(recipe, "rte", "tiny").epochs == 7}
    among = {"ft-int32", "kd-int32", "kd-mp60-int32", "kd-int8t", "kd-mp60t", "ftl", "fta", "kdo", "ft-mp0"}
    assert found & among == reached
    assert config.settings_of("kdo", "rte", "tiny").augment is False
    assert config.settings_of("kd-mp60t", "rte", "tiny").objective == "task"


def test_a_control_of_several_steps_has_the_settings_that_they_share():
    both = [{"step": step, "set": {"epochs": 7}} for step in ("mp40", "mp60")]
    assert overridden(*both).settings_of("ft-mp0", "rte", "tiny").epochs == 7
    one = [{"step": "mp60", "set": {"epochs": 7}}]
    message = (
        "config: recipe ft-mp0 for cola, large is the control of ft-mp40 and ft-mp60, which differ in epochs: "
        "add an override with step: mp0 that says which it gets"
    )
    with pytest.raises(UserError, match=message.removeprefix("config: recipe ")):
        overridden(*one)
    chosen = overridden(*one, {"step": "mp0", "set": {"epochs": 5}})
    assert chosen.settings_of("kd-mp0", "rte", "tiny").epochs == 5
    alone = merged(TWO_SPARSITIES, {"study": {"sparsities": [0.6]}})
    assert overridden(*one, of=alone).settings_of("ft-mp0", "rte", "tiny").epochs == 7


def test_controls_are_chosen_by_their_last_steps():
    config = load(merged(PAPER, {"study": {"controls": ["mp0", "int32", "fta"]}}))
    every = load(merged(PAPER, CONTROLS)).controls
    assert config.controls == [name for name in every if name.endswith(("mp0", "int32", "fta"))]
    assert set(config.variant_steps) == {"fta"}
    assert config.settings_of("ft-mp0", "rte", "tiny") == config.settings_of("ft-mp60", "rte", "tiny")


def test_a_control_that_the_study_names_itself_is_made_once():
    config = load(merged(PAPER, CONTROLS, {"study": {"recipes": ["ft-mp0", "ft-ptq8"]}}))
    assert config.recipes.count("ft-mp0") == 1
    assert len(config.controls) == 13


def test_the_largest_architecture_teaches_with_the_words_that_it_has():
    shapes = {
        "wide": {"layers": 2, "hidden": 512, "heads": 8, "feed_forward": 2048},
        "deep": {"layers": 12, "hidden": 256, "heads": 4, "feed_forward": 1024},
    }
    study = {"custom_architectures": shapes, "study": {"architectures": ["wide", "deep"], "teacher": None}}
    small = {"encoder": {"source": "scratch"}, "tokenizer": {"source": "train", "vocabulary": 1000}}
    assert load(merged(PAPER, study, {"encoder": {"source": "scratch"}})).by_size == ["wide", "deep"]
    config = load(merged(PAPER, study, small))
    assert (config.teacher, config.by_size) == ("deep", ["deep", "wide"])
