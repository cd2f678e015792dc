"""multipress doctor: what it says of this machine, and of one that lacks something."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version

import pytest

from multipress.core import machine
from multipress.workflow.environment import ROOT

LACKING = """
import importlib.metadata, sys
from multipress.core import installed
found = installed._version
installed._version = lambda name: None if name == {name!r} else found(name)
sys.modules["torch"] = None  # as if it were not installed; importing it takes seconds
sys.argv = ["multipress", "doctor", *{words!r}]
from multipress.commands.verbs import main
main()
"""


def doctor(*words, lacking="", cwd=ROOT, **variables):
    command = [sys.executable, "-c", LACKING.format(name=lacking, words=words)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """By name, with those of the same name in a list."""
    place = tmp_path_factory.mktemp("somewhere")
    (place / "nltk" / "corpora" / "wordnet").mkdir(parents=True)
    done = doctor("--json", cwd=place, NLTK_DATA=str(place / "nltk"), HF_HUB_OFFLINE="1", HF_HOME=str(place / "hub"))
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    found = {"place": place, "packages": said["packages"]}
    for fact in said["facts"]:
        found.setdefault(fact["name"], []).append(fact)
    return found


def test_it_names_versions_by_extra(facts):
    assert facts["Python"][0]["value"].startswith(platform.python_version())
    assert f"numpy {version('numpy')}" in facts["base"][0]["value"]
    assert facts["base"][0]["remedy"] == ""
    assert {"name": "torch", "at_least": "2.13", "installed": version("torch")} in facts["packages"]["torch"]


def test_it_names_the_machine(facts):
    assert facts["cores"][0]["value"].startswith(f"{machine.usable_cpus()} to use")
    assert facts["disk"][0]["value"].endswith(f" GB free at {facts['place']}")
    assert "GB, " in facts["memory"][0]["value"]
    assert facts["GPU"][0]["value"].startswith("no PyTorch; the driver has ")
    for name in machine.instructions() or []:
        assert name in facts["CPU"][0]["value"]


def test_it_names_data_and_caches(facts):
    (found,) = facts["NLTK data"]
    assert found["value"].endswith("needs the NLTK data taggers/averaged_perceptron_tagger_eng)")
    assert "-m nltk.downloader averaged_perceptron_tagger_eng, or set NLTK_DATA" in found["remedy"]
    assert facts["hub cache"][0]["value"] == f"{facts['place'] / 'hub' / 'hub'}, which is not there yet"
    assert facts["hub"][0]["value"] == "HF_HUB_OFFLINE=1"


def test_programs_that_are_missing_are_named_with_their_use(facts):
    assert facts["git"][0]["value"].startswith("git version ")
    assert facts["dvc"][0]["value"] == version("dvc")
    assert machine.said_by("no-such-program") is None
    assert machine.said_by("false") is None


def test_what_predict_lacks_is_one_line_and_status_1_after_all_facts():
    done = doctor(lacking="tokenizers")
    assert done.returncode == 1
    assert done.stderr == "multipress doctor: error: predict needs tokenizers: pip install multipress\n"
    assert "\nbase         missing tokenizers: pip install multipress\n" in done.stdout
    assert "\nhub " in done.stdout


def test_what_other_verbs_lack_is_a_line_with_the_remedy_and_status_0():
    done = doctor(lacking="snakemake")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nworkflow     missing snakemake: pip install 'multipress[workflow]'\n" in done.stdout
