"""What a study of the user's own takes over from config.yaml: by default, and with a word."""

import pytest
import yaml
from snakemake.utils import update_config

from multipress.workflow.configuration_files import read
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
        return config, notes(config, read([PAPER, file], {}), PAPER)

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
