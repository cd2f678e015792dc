import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from multipress.workflow import environment
from multipress.workflow.environment import Commit


@pytest.fixture
def repository(tmp_path):
    """A repository with one commit of one file, and that commit."""

    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    (tmp_path / "file").write_text("one\n")
    git("add", "file")
    git("commit", "--quiet", "--no-gpg-sign", "--message", "one")
    return tmp_path, git("rev-parse", "HEAD")


def test_provenance_names_versions_and_the_machine_one_line_each():
    found = environment.provenance()
    assert list(found) == ["code", "software", "machine"]
    assert f"Python {platform.python_version()}" in found["software"]
    assert f"torch {version('torch')}" in found["software"]
    assert f"{os.cpu_count()} processors" in found["machine"]
    assert not any("\n" in line for line in found.values())


def test_the_code_is_that_of_this_repository(monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "commit_of", lambda root: asked.append(root) or Commit("abc", ["file"]))
    assert environment.provenance()["code"] == "commit abc, with changes"
    assert asked == [Path(environment.__file__).parents[2]]


def test_the_commit_is_named_and_so_are_changes_to_its_files(repository):
    root, commit = repository
    assert environment.commit_of(root) == Commit(commit, [])
    (root / "new").write_text("of no commit\n")
    assert environment.commit_of(root) == Commit(commit, [])
    (root / "file").write_text("two\n")
    assert environment.commit_of(root) == Commit(commit, ["file"])
    assert environment.commit_of(root, without=("file", "/elsewhere/results")) == Commit(commit, [])


def test_a_folder_without_a_repository_has_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert environment.commit_of(tmp_path) == Commit(None, [])


def test_without_git_there_is_no_commit(repository, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    assert environment.commit_of(repository[0]) == Commit(None, [])


def test_software_and_hardware_are_named():
    assert environment.software()["torch"] == version("torch")
    found = environment.hardware()
    assert found["processors"] == str(os.cpu_count())
    assert found["memory"].endswith(" GiB")
    assert all(found.values())


def test_jobs_find_the_repository_and_this_python_first(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/theirs")
    monkeypatch.setenv("PATH", "/bin")
    environment.export_search_paths(tmp_path)
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), "/theirs"]
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]


def test_lazy_provenance_asks_when_it_is_read(monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "provenance", lambda: asked.append(1) or {"code": "commit abc"})
    lazy = environment.LazyProvenance()
    assert lazy
    assert not asked
    assert (lazy["code"], lazy["code"], len(asked)) == ("commit abc", "commit abc", 1)
