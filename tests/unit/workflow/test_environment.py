import os
import platform
import shutil
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
    # Code is found by its folder, so that of no commit may have run.
    (root / "multipress" / "method").mkdir(parents=True)
    (root / "multipress" / "method" / "spec.py").write_text("")
    assert environment.commit_of(root) == Commit(commit, ["file", "multipress/method/spec.py"])
    shutil.rmtree(root / "multipress")
    assert environment.commit_of(root, without=("file", "/elsewhere/results")) == Commit(commit, [])


def test_changes_are_named_as_from_the_root_whatever_their_names_and_however_deep_it_lies(repository):
    root, _ = repository
    study = root / "study"
    (study / "my results").mkdir(parents=True)
    for name in ("my results/ü.json", 'a "b".py', "moved.py", "same.py"):
        (study / name).write_text(f"{name}\n")
    call = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*call, "add", "--all"], check=True)
    subprocess.run([*call, "commit", "--quiet", "--no-gpg-sign", "--message", "two"], check=True)
    (study / "my results" / "ü.json").write_text("other\n")
    (study / 'a "b".py').write_text("other\n")
    subprocess.run([*call, "mv", "study/moved.py", "study/new.py"], check=True)
    os.utime(study / "same.py", (1, 1))
    (root / "file").write_text("of another project\n")
    assert environment.commit_of(study, without=("my results",)).changed == ['a "b".py', "moved.py", "new.py"]


def no_repository(folder, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    return "not under version control"


def of_another_user(folder, monkeypatch):
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    return f"belongs to another user; if you trust them: git config --global --add safe.directory '{folder}'"


def no_commit(folder, monkeypatch):
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return "nothing is committed yet"


def no_git(folder, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    return "git is not installed"


def damaged(folder, monkeypatch):
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / ".git" / "config").write_text("[core\n")
    return "git cannot tell: fatal: bad config line 1"


def inside_of_something_else(folder, monkeypatch):
    """As where somebody has all of HOME in a repository of its own."""
    call = ["git", "-C", str(folder.parent), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*call, "init", "--quiet"], check=True)
    subprocess.run([*call, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message", "x"], check=True)
    return "which lies in a repository of something else"


@pytest.mark.parametrize(
    "obstacle",
    [no_repository, of_another_user, no_commit, no_git, damaged, inside_of_something_else],
    ids=lambda obstacle: obstacle.__name__,
)
def test_why_there_is_no_commit_is_said_as_it_is(tmp_path, monkeypatch, obstacle):
    folder = tmp_path / "a clone"
    folder.mkdir()
    reason = obstacle(folder, monkeypatch)
    found = environment.commit_of(folder)
    assert (found.id, found.changed) == (None, [])
    assert reason in found.problem
    assert "\n" not in found.problem


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
