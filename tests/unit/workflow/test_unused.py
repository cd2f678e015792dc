"""What is told of a configuration that says something of jobs which its study does not have."""

from functools import reduce

import pytest

from multipress.workflow.configuration import merged
from multipress.workflow.configuration_files import read, values_of
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load
from multipress.workflow.unused import notes

PAPER = ROOT / "config.yaml"
TASK = "{kind: classification, folder: d, text_columns: [t], label_column: l, metric: f1}"


@pytest.fixture
def told(tmp_path):
    """The lines that are told of a file over config.yaml."""

    def lines(text, **command_line):
        file = tmp_path / "mine.yaml"
        file.write_text(text)
        config = load(merged(merged(values_of(PAPER), values_of(file)), command_line))
        return notes(config, read([PAPER, file], command_line), [PAPER, file])

    return lines


def test_a_task_that_no_study_names_is_told(told):
    lines = told(f"custom_tasks: {{x: {TASK}}}\n")
    assert [line.partition(": ")[2] for line in lines] == ["custom_tasks.x is not in study.tasks, and so not used"]


ARCH = "study: {tasks: [rte], architectures: [tiny], teacher: tiny}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{task: rte, stage: finetune, set: {epochs: 9}}", None),
        ("{step: mp60, set: {epochs: 9}}", None),
        ("{recipe: kd-mp60, set: {epochs: 9}}", None),
        ("{recipe: ft, set: {epochs: 9}}", None),
        ("{task: cola, stage: data, set: {max_train_rows: 9}}", "cola, which is not in study.tasks"),
        ("{arch: base, stage: finetune, set: {epochs: 9}}", "base, which the study does not train"),
        ("{step: mp70, set: {epochs: 9}}", "the step mp70, which is in no recipe of the study"),
        ("{recipe: kd-l2, set: {epochs: 9}}", "kd-l2, which is no model of the study"),
        ("{task: rte, stage: ternarize, set: {epochs: 9}}", "ternarize, which is in no recipe of the study"),
    ],
)
def test_an_override_that_reaches_no_job_is_told(told, text, reason):
    expected = [f"overrides[0] is for {reason}, and so not used"] if reason else []
    assert [line.partition(": ")[2] for line in told(f"{ARCH}overrides:\n  - {text}\n")] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{arch: tiny, step: mp60, set: {epochs: 9}}", None),
        ("{arch: mini, stage: finetune, set: {epochs: 9}}", None),
        ("{arch: mini, step: mp60, set: {epochs: 9}}", "the step mp60, which is in no recipe of mini"),
        ("{arch: mini, recipe: kd-int8, set: {epochs: 9}}", "kd-int8, which is no model of mini"),
        ("{arch: mini, stage: quantize, set: {epochs: 9}}", "quantize, which is in no recipe of mini"),
    ],
)
def test_of_a_teacher_alone_only_its_own_model_counts(told, text, reason):
    study = "study: {tasks: [rte], architectures: [tiny], teacher: mini}\n"
    expected = [f"overrides[0] is for {reason}, and so not used"] if reason else []
    assert [line.partition(": ")[2] for line in told(f"{study}overrides:\n  - {text}\n")] == expected


def test_a_study_of_the_command_line_may_be_narrower_than_its_file(told):
    mine = "overrides: [{task: cola, stage: data, set: {max_train_rows: 9}}]\n"
    assert told(mine, study={"tasks": ["rte"]}) == []
    assert (
        len(
            told(
                mine,
                study={"tasks": ["rte"]},
                overrides=[{"task": "sst2", "stage": "data", "set": {"max_train_rows": 9}}],
            )
        )
        == 1
    )


def test_settings_of_what_is_not_asked_for_are_told(told):
    assert told("probing: {recipes: [ft-mp60], tasks: [rte]}\n") == []
    lines = told("probing: {tasks: [rte]}\nlatency: {tasks: [], batch_sizes: [9]}\n")
    assert [line.partition(": ")[2] for line in lines] == [
        "latency.batch_sizes is for no model, for latency.tasks names none, and so not used",
        "probing.tasks is for no model, for probing.recipes names none, and so not used",
    ]


def test_how_layers_are_timed_is_told_where_no_step_prunes_to_a_speed(told):
    timed = "latency: {repetitions: 9, layers: {batch: 4}}\n"
    speed = "study: {tasks: [rte], architectures: [tiny], teacher: tiny, cross: [[ft]], recipes: [ft-x150], "
    assert told(f"{speed}sparsities: null, bits: null}}\n{timed}") == []
    assert [line.split(" is for ")[0].split(": ")[1] for line in told(timed)] == [
        "latency.repetitions",
        "latency.layers",
    ]


def test_what_the_command_line_switches_off_may_have_settings(told):
    mine = "probing: {recipes: [ft-mp60], examples: 99}\n"
    assert told(mine, probing={"recipes": []}) == []
    assert len(told("probing: {examples: 99}\n")) == 1


def test_the_teachers_model_is_one_of_the_study(told):
    """It is made, whatever the recipes are."""
    study = "study: {tasks: [rte], architectures: [tiny], cross: [[kd]], sparsities: null, bits: null}\n"
    assert told(f"{study}overrides:\n  - {{recipe: ft, set: {{epochs: 9}}}}\n") == []


def test_a_variant_in_no_recipe_is_told(told):
    variants = "variants: {mp60s: {step: mp60, set: {epochs: 9}}, int8s: {step: int8, set: {epochs: 9}}}\n"
    lines = told(f"study: {{tasks: [rte], recipes: [ft-int8s]}}\n{variants}")
    assert [line.partition("mine.yaml")[2] for line in lines] == [
        ", line 2, column 19: variants.mp60s is in no recipe of the study, and so not used"
    ]


LAID_OVER = {"xtc-six": ["xtc.yaml"], "minilm-rates": ["minilm.yaml"]}
UNUSED = {"xtc-six": ["variants.binf9 is in no recipe of the study, and so not used"]}
"""That one is for recipes from the command line (docs/results/extreme.md)."""


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_configurations_of_the_repository_use_what_they_say(file):
    files = [PAPER, *map(file.with_name, LAID_OVER.get(file.stem, [])), file]
    values = reduce(merged, map(values_of, files))
    for section in ("data", "encoder", "tokenizer"):
        values[section]["folder"] = "there"
    lines = notes(load(values), read(files, {}), files)
    assert [line.partition(": ")[2] for line in lines] == UNUSED.get(file.stem, [])
