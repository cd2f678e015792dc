"""Every command of README, as a reader would paste it, in a checkout whose demo is the tests' small study."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.documents import commands, run, with_words
from tests.runs import commit
from tests.workflow.test_shrink import ELSEWHERE

SMALL = {"milli/": "nano/", "rte/": "stsb/", "'epochs': 1": "'epochs': 2"}
"""Names of the demo, and those of the small study that stand for them."""
INSTALLED = f"make --old-file .venv/installed BIN={Path(sys.executable).parent}"
"""The environment of the tests in place of one that make would set up."""
DEMO = " --configfile config/demo.yaml"
CASES = {
    "make demo": (lambda command: command.replace("make", INSTALLED), "Report  results/synthetic/report.html"),
    # The small study in place of the paper; on the cluster it is planned here, and run by tests/slurm.
    "snakemake --profile local all": (lambda command: command + DEMO + " --cores 2", ""),
    "snakemake --profile slurm all": (lambda command: command + DEMO + " -n", ""),
    "multipress analyze": (str, "models of 3 tasks"),
    "multipress recommend": (str, "model   "),
    "multipress trace": (str, "as recorded"),
    "multipress audit": (str, "rows follow from the stored predictions"),
    "multipress why": (str, "quantize.epochs 1.0 → 2"),
}
"""By the beginning of a command: what is changed in it, and a part of what it prints."""


@pytest.fixture(scope="module")
def checkout(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme") / "multipress"
    shutil.copytree(finished.folder, folder, symlinks=True)
    demo = folder / "multipress/commands/demo.py"
    demo.write_text(with_words(demo.read_text(encoding="utf-8"), SMALL), encoding="utf-8")
    commit(folder)
    shutil.copyfile(folder / "results/synthetic/tables/results.csv", folder / "anywhere.csv")
    return folder


def case(command):
    return next((start for start in CASES if command.startswith(start)), None)


READMES = [command for command in commands("README.md") if not command.startswith(ELSEWHERE)]


def test_every_case_is_a_command_of_readme():
    assert sorted(CASES) == sorted(filter(None, map(case, READMES)))


@pytest.mark.parametrize("command", READMES)
def test_it_does_what_it_should(checkout, command):
    change, printed = CASES[case(command)]
    done = run(change(with_words(command, SMALL)), checkout, code=checkout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert printed in done.stdout
