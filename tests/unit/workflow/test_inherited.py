"""What a study of the user's own takes over from config.yaml: by default, and with a word."""

from functools import reduce

import pytest
import yaml
from snakemake.utils import update_config

from multipress.workflow.configuration import merged
from multipress.workflow.configuration_files import read, values_of
from multipress.workflow.environment import ROOT
from multipress.workflow.inherited import notes
from multipress.workflow.load import load

PAPER = ROOT / "config.yaml"
TASK = "{kind: classification, folder: d, text_columns: [t], label_column: l, metric: f1}"


@pytest.fixture
def study(tmp_path):
    """The configuration of a file over config.yaml, and the notes on it."""

    def made(text):
        file = tmp_path / "mine.yaml"
        file.write_text(text)
        values = yaml.safe_load(PAPER.read_text())
        update_config(values, yaml.safe_load(text) or {})
        config = load(values)
        return config, notes(config, read([PAPER, file], {}), [PAPER, file])

    return made


def test_the_paper_is_as_it_was_and_tells_nothing(study):
    config, told = study("results: results\n")
    assert (config.teacher, config.shows_paper, told) == ("large", True, [])


@pytest.mark.parametrize(
    ("architectures", "teacher"),
    [("[tiny]", "tiny"), ("[tiny, medium, small]", "medium"), ("[wide, mini]", "wide"), ("[twin, mini]", "twin")],
)
def test_the_largest_of_the_study_teaches(study, architectures, teacher):
    custom = "wide: {layers: 1, hidden: 512, heads: 8, feed_forward: 4096}, twin: {from: mini, layers: [0, 1, 2, 3]}"
    config, _ = study(
        f"study: {{architectures: {architectures}}}\ncustom_architectures: {{{custom}}}\nencoder: {{source: scratch}}\n"
    )
    assert config.teacher == teacher
    assert config.trained_architectures == config.study.architectures


def test_a_named_teacher_teaches(study):
    config, _ = study("study: {architectures: [tiny], teacher: base}\n")
    assert (config.teacher, config.trained_architectures) == ("base", ["tiny", "base"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("study: {tasks: [rte, sst2]}", False),
        ("data: {source: synthetic}\nresults: synthetic", False),
        ("plot: {paper_points: false}", False),
        ("plot: {paper_points: true}\nstudy: {tasks: [rte]}", True),
        (f"custom_tasks: {{x: {TASK}}}\nstudy: {{tasks: [x]}}", False),
    ],
)
def test_figure_1_shows_the_paper_beside_its_own_tasks_alone(study, text, shown):
    assert study(text)[0].shows_paper is shown


def test_what_an_own_task_takes_over_is_told(study):
    _, told = study(f"custom_tasks: {{x: {TASK}}}\nstudy: {{tasks: [x], architectures: [tiny, mini]}}\n")
    text = "\n".join(told)
    assert told[0] == "taken from config.yaml, for your files do not say it:"
    for part in ("study.seeds 1, 2, 3: every model is made 3 times", "google/bert_uncased_L-4_H-256_A-4", "wordnet"):
        assert part in text
    assert told[-1] == "72 models by 72 trainings; the teacher is mini, the largest of study.architectures"


def test_what_the_user_says_is_not_told(study):
    _, told = study(
        f"custom_tasks: {{x: {TASK}}}\nstudy: {{tasks: [x], architectures: [tiny], teacher: mini, seeds: [1, 2],"
        " recipes: [ft-ptq8, kd-l1-r50]}\naugment: {lexicon: builtin}\nencoder: {source: scratch}\n"
        "tokenizer: {source: train}\n"
    )
    # kd-l1 is trained on the way; ptq8 trains nothing; the teacher outside of the study has ft alone.
    assert told == ["28 models by 30 trainings; the teacher is mini"]


def test_tries_of_teachers_are_trainings(study):
    text = f"custom_tasks: {{x: {TASK}}}\nstudy: {{tasks: [x], architectures: [tiny, mini], teacher_tries: 3}}\n"
    assert study(text)[1][-1].startswith("72 models by 78 trainings; the teacher is mini")  # two more for each seed


def test_a_task_that_no_study_names_is_told(study):
    _, told = study(f"custom_tasks: {{x: {TASK}}}\n")
    assert [line.partition(": ")[2] for line in told] == ["custom_tasks.x is not in study.tasks, and so not used"]


ARCH = "study: {tasks: [rte], architectures: [tiny], teacher: tiny}\n"


@pytest.mark.parametrize(
    ("text", "told"),
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
def test_an_override_that_reaches_no_job_is_told(study, text, told):
    expected = [f"overrides[0] is for {told}, and so not used"] if told else []
    assert [line.partition(": ")[2] for line in study(f"{ARCH}overrides:\n  - {text}\n")[1]] == expected


def test_a_variant_in_no_recipe_is_told(study):
    variants = "variants: {mp60s: {step: mp60, set: {epochs: 9}}, int8s: {step: int8, set: {epochs: 9}}}\n"
    _, told = study(f"study: {{tasks: [rte], recipes: [ft-int8s]}}\n{variants}")
    assert [line.partition("mine.yaml")[2] for line in told] == [
        ", line 2, column 19: variants.mp60s is in no recipe of the study, and so not used"
    ]


LAID_OVER = {"xtc-six": ["xtc.yaml"]}
UNUSED = {"xtc-six": ["variants.binf9 is in no recipe of the study, and so not used"]}
"""That one is for recipes from the command line (docs/results/extreme.md)."""


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_configurations_of_the_repository_use_what_they_say(file):
    files = [PAPER, *map(file.with_name, LAID_OVER.get(file.stem, [])), file]
    values = reduce(merged, map(values_of, files))
    for section in ("data", "encoder", "tokenizer"):
        values[section]["folder"] = "there"
    told = notes(load(values), read(files, {}), files)
    assert [line.partition(": ")[2] for line in told if line.endswith("not used")] == UNUSED.get(file.stem, [])
