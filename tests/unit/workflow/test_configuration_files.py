"""Configuration files as they were written: what is refused, and where each value stands."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from multipress.core.errors import UserError
from multipress.workflow.configuration_files import check_entries, read, with_nulls
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load, load_files
from multipress.workflow.snakemake_api import check_command_line


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def written(text, name="mine.yaml"):
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return written


def refusal(*files, command_line=None):
    """The one line that says why the files over config.yaml are refused, if it is not Snakemake that does so."""
    with pytest.raises(UserError) as caught:
        loaded(files, command_line or {})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def loaded(files, command_line):
    places = read(files, command_line)
    values = yaml.safe_load((ROOT / "config.yaml").read_text())
    for file in files:
        update_config(values, yaml.safe_load(file.read_text()))
    update_config(values, command_line)
    return load(values, locate=places.find)


def test_files_are_merged_as_snakemake_merges_them(write):
    first = write("study: {seeds: [4, 5], tasks: [rte]}\nprune: {epochs: 1}\n", "first.yaml")
    second = write("study: {seeds: [7]}\nprune: {batch_size: 8}\nstorage: {}\n", "second.yaml")
    assert load_files([first, second]) == loaded([first, second], {})
    assert load_files([first, second]).study.seeds == [7]


@pytest.mark.parametrize("text", ["prune: {epochz: 1}", "prune: {epochs: -1}", "prune: {epochs: !odd 1}"])
def test_files_that_are_read_without_snakemake_are_refused_in_one_line(write, text):
    with pytest.raises(UserError, match=r"^mine\.yaml.* line 1, column 1[0-9]") as caught:
        load_files([write(text)])
    assert "\n" not in str(caught.value)


def test_indented_json_is_read_without_snakemake(write):
    assert load_files([write('{\n\t"prune": {"epochs": 1}}')]).stage("prune", None, None).epochs == 1


@pytest.mark.parametrize(
    ("text", "column", "lines", "key"),
    [
        ("plot: {}\nstudy: {}\nplot: {}\n", 1, (3, 1), "plot"),
        ("prune:\n  epochs: 1\n  scope: global\n  epochs: 2\n", 3, (4, 2), "epochs"),
        ("overrides:\n- {arch: tiny, stage: prune, set: {epochs: 1}, arch: mini}\n", 48, (2, 2), "arch"),
        ("encoder:\n  hub:\n    x: {repository: a, revision: main}\n    'x': {}\n", 5, (4, 3), "x"),
        ('{"prune": {"epochs": 1},\n\t"plot": {},\n\t"prune": {}}', 2, (3, 1), "prune"),
        ("\ufeffplot: {}\r\nplot: {}\r\n", 1, (2, 1), "plot"),
    ],
)
def test_keys_that_stand_twice(write, text, column, lines, key):
    message = refusal(write(text))
    assert message.startswith(
        f"mine.yaml, line {lines[0]}, column {column}: {key} stands here again, after line {lines[1]}"
    )


def test_any_of_the_files_is_checked(write):
    first, last = write("plot: {}\nplot: {}\n", "first.yaml"), write("study: {}\n", "last.yaml")
    assert refusal(first, last).startswith("first.yaml, line 2")
    assert refusal(last, first).startswith("first.yaml, line 2")


def test_merged_sections_may_be_overridden(write):
    file = write("prune: &a {epochs: 2.0, dropout: 0.2}\nquantize:\n  <<: *a\n  epochs: 3.0\n")
    places = read([file], {})
    assert places.find(("quantize", "epochs")) == ("mine.yaml, line 4, column 11", "3.0")
    assert places.find(("quantize", "dropout")) == ("mine.yaml, line 1, column 34", "0.2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("custom_tasks: {no: {}}", 'line 1, column 16: the key no is read as true or false: write "no"'),
        ("encoder:\n  hub: {1: {}}", 'line 2, column 9: the key 1 is read as a number: write "1"'),
        ("variants: {2024-01-01: {}}", 'the key 2024-01-01 is read as a date: write "2024-01-01"'),
        ("custom_architectures: {~: {}}", 'the key ~ is read as no value: write "~"'),
        ("custom_tasks: {? [a] : {}}", "a list or section stands for a key"),
        ("prune: {update_every: 010}", "YAML reads 010 in base 8, as 8: write 10 or 8"),
        ("latency: {seconds: 1:30}", "YAML reads 1:30 in base 60"),
        ("data: {folder: 2024-13-01}", 'is read as a date (month must be in 1..12): write "2024-13-01"'),
        ("plot: &a {dots_per_inch: *a}", "contains itself by its anchor"),
        ("plot: {", "no valid YAML"),
        ("plot:\n\tx: 1", "line 2, column 1: no valid YAML: found character that cannot start any token"),
        ("- plot", "has no keys"),
        ("", "has no keys"),
        (b"plot: {}\n# \xe4\n", "mine.yaml, line 2: not UTF-8"),
    ],
)
def test_what_is_read_as_something_else(write, text, message):
    assert message in refusal(write(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "study: {tasks: [on]}",
            'column 17: study.tasks.0: on is read as true or false, and a text is wanted: write "on"',
        ),
        ("results: 2024-01-01", 'results: 2024-01-01 is read as a date, and a text is wanted: write "2024-01-01"'),
        ("tokenizer: {repository: 1_000}", '1_000 is read as a number, and a text is wanted: write "1_000"'),
        ("study: {recipes: [null]}", 'null is read as no value, and a text is wanted: write "null"'),
        ("tokenizer: {repository: [a]}", "one text is wanted, not a list"),
        (
            "prune: {update_every: 1e3}",
            "mine.yaml, line 1, column 23: prune.update_every: '1e3': input should be a valid integer",
        ),
        ("prune: {update_every: 1e3}", "; write 1000"),
        ("prune: {update_every: 0o17}", "; write 15"),
        ("prune: {update_every: '2.5'}", "unable to parse string as an integer"),
        ("prune: {epochs: '2,5'}", "; write 2.5"),
        ("prune: {epochs: off}", "prune.epochs: false is no number"),
        ("prune:", "prune: None: a section is wanted"),
        ("overrides: [{arch: tiny, stage: prune, set: {epochs: .inf}}]", "column 45: overrides[0].set: epochs: inf: "),
        ("overrides:\n- {step: mq60, set: {epochs: 1}}", "mine.yaml, line 2, column 10: overrides[0].step: there is"),
        ("overrides:\n- {recipe: mp60, set: {epochs: 1}}", "line 2, column 12: overrides[0].recipe: 'mp60'"),
    ],
)
def test_the_place_and_the_remedy_of_a_wrong_value(write, text, message):
    assert message in refusal(write(text))


def test_numbers_may_be_written_in_several_ways(write):
    prune, quantize = "prune: {update_every: 1_000}", "quantize: {epochs: '3', batch_size: 0x10}"
    file = write("\n".join(["finetune: {learning_rate: 1e-5}", prune, quantize]))
    config = loaded([file], {})
    assert (config.finetune.learning_rate, config.prune.update_every) == (1e-5, 1000)
    assert (config.quantize.epochs, config.quantize.batch_size) == (3.0, 16)


def test_the_last_file_and_then_the_command_line_says_where(write):
    first = write("prune: {epochs: 1}\noverrides: [{arch: a}, {arch: b}]\n", "first.yaml")
    last = write("\nprune: {epochs: x}\noverrides: [{task: c}]\n", "last.yaml")
    places = read([first, last], {"plot": {"dots_per_inch": "1"}})
    assert places.find(("prune", "epochs")).where == "last.yaml, line 2, column 17"
    assert places.find(("overrides", 0, "task")).text == "c"
    assert places.find(("overrides", 0, "arch")).where == "last.yaml, line 3, column 13"
    assert places.find(("overrides", 1)).where == "last.yaml, line 3, column 12"
    assert places.find(("plot", "dots_per_inch")) == ("--config", None)
    assert places.find(("storage",)) is None
    assert places.file_of("prune", "epochs") == last
    assert places.file_of("plot", "dots_per_inch") is None
    assert refusal(write("{}"), command_line={"prune": {"epochs": "-1"}}).startswith("--config: prune.epochs: '-1'")


def test_null_on_the_command_line_is_none_as_in_a_file():
    given = {
        "study": {"sparsities": "null", "controls": "false", "tasks": ["null"], "teacher": "None"},
        "overrides": [{"stage": "data", "set": {"max_train_rows": "null"}}],
        "probing": {},
    }
    values = {**given, "data": {"folder": "null"}, "probing": None}
    assert with_nulls(values, given) == {
        "study": {"sparsities": None, "controls": "false", "tasks": ["null"], "teacher": None},
        "overrides": [{"stage": "data", "set": {"max_train_rows": None}}],
        "data": {"folder": "null"},
        "probing": None,
    }


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r"nowhere.yaml cannot be read: No such file or directory"):
        read([tmp_path / "nowhere.yaml"], {})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--configfile", "a", "--configfile", "b"],
        ["--configfiles=a", "all", "--configfile=b"],
        ["--config", "a=1", "-n", "-C", "b=2"],
    ],
)
def test_an_option_that_stands_twice(arguments):
    with pytest.raises(UserError, match="stands 2 times, and only the last would count"):
        check_command_line(["snakemake", *arguments])


@pytest.mark.parametrize(
    "entry",
    ["study={'tasks': [rte], 'tasks': [cola]}", "encoder={'hub': {'x': {}, 'x': {}}}", 'plot={"a": 1,"b": 2, "a": 3}'],
)
def test_a_key_that_stands_twice_on_the_command_line(entry):
    with pytest.raises(UserError, match=rf"--config {entry.split('=')[0]}, line 1, .* stands here again"):
        check_entries(["snakemake", "--config", entry])


def test_other_arguments_are_not_looked_at():
    check_entries(["snakemake", "--config", "study={'a': 1}", "prune={'a': 1}", "--x={a: 1, a: 2}", "b={"])


def test_options_that_stand_once():
    check_command_line(["snakemake", "--configfile", "a", "b", "--config", "results=x", "c=--config"])
