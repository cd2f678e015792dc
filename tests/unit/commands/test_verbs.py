"""The command multipress: its verbs, their help, and what it loads before one is called."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import multipress
from multipress.commands import verbs
from multipress.commands.verbs import VERBS
from multipress.workflow.environment import ROOT
from tests import forked

SHARED = {"__init__", "live_line", "output_stream", "results_argument", "study_arguments", "verbs"}
SHARED |= {"table_input", "target", "text_input"}
"""Modules of the room that are no verb."""


def test_every_verb_has_a_module_and_no_module_is_without_one():
    modules = {path.stem for path in Path(verbs.__file__).parent.glob("*.py")}
    assert modules - SHARED == set(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_help_begins_with_an_example_and_ends_with_the_exit_status(name):
    done = forked.run_text([sys.executable, "-m", "multipress", name, "--help"], cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.startswith(f"    multipress {name}")
    assert last.startswith("exit status: 0, ")
    assert f"\nusage: multipress {name} [-h]" in done.stdout


def test_the_examples_can_be_parsed(monkeypatch, tmp_path):
    """Where they stand in a checkout; what they name need not be there, but for configurations."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["multipress"])
    for name in VERBS:
        module = pytest.importorskip(f"multipress.commands.{name}")
        for line in module.EXAMPLE.strip().splitlines():
            program, verb, *words = line.partition("#")[0].partition("<")[0].split()
            assert (program, verb) == ("multipress", name)
            assert verbs.parser().parse_args([name, *words]).run


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "the following arguments are required: VERB"), (["audt"], "invalid choice: 'audt' (choose from 'shrink', ")],
)
def test_without_a_verb_it_is_one_line_that_says_where_they_are_listed(words, said):
    done = forked.run_text([sys.executable, "-m", "multipress", *words], cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert "multipress --help" in done.stderr


def loaded(code):
    """What a fresh interpreter has loaded afterwards, other than Python's own."""
    tell = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    command = [sys.executable, "-c", f"import sys\nbefore = set(sys.modules)\n{code}\n{tell}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = set(json.loads(done.stdout.splitlines()[-1]))
    bare = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)
    return found - set(sys.stdlib_module_names) - set(json.loads(bare.stdout))


def test_importing_the_package_loads_nothing_else():
    assert loaded("import multipress") == {"multipress"}


def test_the_list_of_verbs_loads_no_library():
    assert loaded("from multipress.commands.verbs import parser; parser().format_help()") == {"multipress"}


def test_the_version_is_that_of_the_package():
    done = forked.run_text([sys.executable, "-m", "multipress", "--version"], cwd=ROOT)
    assert done.stdout == f"multipress {multipress.__version__}\n"


COMPLETE = """
eval "$({python} -m multipress --print-completion bash)"
complete -p multipress >/dev/null || exit 1
COMP_WORDS=(multipress {words}) COMP_CWORD={place} COMPREPLY=()
_shtab_multipress
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "place", "expected"),
    [("do", 1, {"doctor"}), ("doctor --js", 2, {"--json"}), ("recommend --with", 2, {"--within"})],
)
def test_a_shell_completes_verbs_and_their_options(words, place, expected):
    code = COMPLETE.format(python=sys.executable, words=words, place=place)
    done = subprocess.run(["bash", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == expected


MISSING = """
import sys
sys.modules[{module!r}] = None  # as if it were not installed
sys.argv = ["multipress", *{words!r}]
from multipress.commands.verbs import main
main()
"""


@pytest.mark.parametrize(
    ("module", "words", "extra"),
    [
        ("pandas", ["recommend", "--help"], "analysis"),
        ("snakemake", ["why"], "workflow"),
        ("dvc", ["gc"], "workflow"),
        ("torch", ["predict", "--model", "."], "torch"),
    ],
)
def test_a_verb_whose_extra_is_missing_says_so_in_one_line(module, words, extra):
    command = [sys.executable, "-c", MISSING.format(module=module, words=words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"multipress {words[0]}: error: this needs {module}, which is not installed: "
        f"pip install 'multipress[{extra}]'\n"
    )
