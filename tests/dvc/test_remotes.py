"""Runs that are pushed, pulled and restored: to a folder, over ssh, interrupted, damaged."""

import os
import random
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from multipress.workflow.provenance.hashes import md5s
from multipress.workflow.staleness.rule_graph import follow
from tests.dvc.repository import CONFIG, RESULTS
from tests.runs import commit

BIG = f"{RESULTS}/models/mnli/nano/seed1/ft/big.bin"
"""A file that takes long enough to be interrupted in."""
MEGABYTES = 48
PUSH = [sys.executable, "-m", "dvc", "push", "study@demo"]


def clone(repository, folder):
    """A fresh clone that knows the same remotes."""
    fresh = repository.clone(folder)
    if (local := repository.folder / ".dvc" / "config.local").exists():
        shutil.copy(local, fresh.folder / ".dvc" / "config.local")
    return fresh


def succeeded(process):
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def pushed(recorded, tmp_path_factory):
    """A repository whose default remote, a folder beside it, has the run."""
    repository = recorded.copy(tmp_path_factory.mktemp("pushed") / "repository")
    succeeded(repository.dvc("push", "study@demo"))
    assert (repository.folder.parent / "multipress-storage").is_dir()
    return repository


def test_another_configuration_or_code_is_refused_and_nothing_adopted(pushed, tmp_path):
    shutil.copytree(pushed.folder.parent / "multipress-storage", tmp_path / "multipress-storage")
    fresh = clone(pushed, tmp_path / "clone")
    fresh.edit(CONFIG, "prune:\n  epochs: 1\n", "prune:\n  epochs: 3\n")
    process = fresh.script("restore")
    assert process.returncode == 1
    assert "prune.epochs (of prune ×" in process.stderr
    assert "expected 1.0, found 3.0" in process.stderr
    assert "Traceback" not in process.stderr
    assert not any((fresh.folder / ".snakemake" / "metadata").glob("*"))


def test_a_remote_that_is_not_there_is_told_in_one_line(recorded, tmp_path):
    fresh = clone(recorded, tmp_path / "clone")
    process = fresh.script("restore")
    assert process.returncode == 1
    assert "dvc pull study@demo did not complete" in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


def test_a_damaged_remote_is_refused_and_a_whole_one_restored_so_that_only_a_change_reruns(pushed, tmp_path):
    store = tmp_path / "multipress-storage"
    shutil.copytree(pushed.folder.parent / "multipress-storage", store)
    victim = max((path for path in store.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    victim.chmod(0o644)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    fresh = clone(pushed, tmp_path / "clone")
    process = fresh.script("restore")
    assert process.returncode == 1
    assert "dvc pull study@demo did not complete" in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr
    assert not [path for path in fresh.results.rglob("*") if path.is_file() and path.read_bytes() == content]
    assert not any((fresh.folder / ".snakemake" / "metadata").glob("*"))
    shutil.rmtree(store)
    shutil.copytree(pushed.folder.parent / "multipress-storage", store)
    assert "nothing to be done" in succeeded(fresh.script("restore"))
    assert fresh.stale() == set()
    assert succeeded(fresh.script("audit"))
    fresh.edit(CONFIG, "quantize:\n  epochs: 1\n", "quantize:\n  epochs: 2\n")
    assert fresh.stale() == set(follow(["quantize"]))


@pytest.fixture(scope="module")
def big(recorded, tmp_path_factory):
    """A repository that has a big file, too: DVC keeps whatever lies in a folder that it keeps."""
    repository = recorded.copy(tmp_path_factory.mktemp("big") / "repository")
    (repository.folder / BIG).write_bytes(random.Random(0).randbytes(1_000_000) * MEGABYTES)
    succeeded(repository.snakemake("record", "--forcerun", "record"))
    commit(repository.folder, "A big file")
    return repository


def kill_when(process, condition):
    """SIGKILL to all of its processes as soon as the condition holds; whether it did before they ended.

    They wait while it is looked at, for a file on this machine takes no longer than a look.
    """
    while process.poll() is None:
        os.killpg(process.pid, signal.SIGSTOP)
        if condition():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        os.killpg(process.pid, signal.SIGCONT)
        time.sleep(0.002)
    return False


def part_of_the_big_file(folder):
    """Whether a file in the folder is on its way: larger than any other, and not yet whole."""
    return any(4_000_000 < size < MEGABYTES * 1_000_000 for size in _sizes(folder))


def _sizes(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # it has got its final name
                yield Path(parent, name).stat().st_size


def test_an_interrupted_push_and_pull_over_ssh_complete_when_repeated(big, ssh_server, tmp_path):
    store = tmp_path / "store"
    ssh_server.add_to(big, store)
    assert kill_when(big.start(*PUSH, "--remote", "over"), lambda: part_of_the_big_file(store))
    succeeded(big.dvc("push", "study@demo", "--remote", "over"))

    fresh = clone(big, tmp_path / "clone")
    restore = [sys.executable, "-m", "multipress", "restore", "--configfile", CONFIG, "--remote", "over"]
    cache = fresh.folder / ".dvc" / "cache"
    assert kill_when(fresh.start(*restore), lambda: part_of_the_big_file(cache))
    assert not (fresh.folder / BIG).exists()
    assert "nothing to be done" in succeeded(fresh.script("restore", "--remote", "over"))
    assert (fresh.folder / BIG).read_bytes() == (big.folder / BIG).read_bytes()


def test_an_interrupted_push_to_a_folder_completes_when_repeated(big):
    store = big.folder.parent / "multipress-storage"
    assert any(_is_interrupted(big, store) for _ in range(5))
    succeeded(big.dvc("push", "study@demo"))
    sent = {f"{path.parent.name}{path.name}": path for path in _files(store) if path.suffix != ".tmp"}
    assert md5s([str(big.folder / BIG)])[str(big.folder / BIG)] in sent
    for name, path in sent.items():
        assert md5s([str(path)])[str(path)] == name.removesuffix(".dir")


def _is_interrupted(big, store):
    """Whether a push into an empty folder was killed in time: copying a file may be one system call."""
    shutil.rmtree(store, ignore_errors=True)
    shutil.rmtree(big.folder / ".dvc" / "tmp", ignore_errors=True)
    return kill_when(big.start(*PUSH), lambda: part_of_the_big_file(store))


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]
