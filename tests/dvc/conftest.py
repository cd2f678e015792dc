"""Copies of the finished run's repository, and an SSH server of our own."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dvc.repository import Repository
from tests.runs import commit


@pytest.fixture(scope="session")
def recorded(finished, tmp_path_factory):
    """The finished run with its results committed; not to be changed."""
    folder = tmp_path_factory.mktemp("recorded") / "repository"
    shutil.copytree(finished.folder, folder)
    commit(folder, "Results")
    return Repository(folder)


@pytest.fixture
def repository(recorded, tmp_path):
    """A copy of it, to be changed."""
    return recorded.copy(tmp_path / "repository")


@dataclass
class SshServer:
    """An SSH server on this machine."""

    port: int
    key: Path

    def add_to(self, repository, folder):
        """Make a folder of the server the repository's remote ``over``."""
        repository.dvc("remote", "add", "--local", "over", f"ssh://{_user()}@127.0.0.1:{self.port}{folder}")
        for option, value in (("keyfile", self.key), ("verify", "true")):
            repository.dvc("remote", "modify", "--local", "over", option, str(value))


def _user():
    return subprocess.run(["id", "--user", "--name"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory):
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if sshd is None or shutil.which("ssh-keygen") is None:
        say = pytest.fail if "MULTIPRESS_REQUIRE_SSHD" in os.environ else pytest.skip
        say("sshd or ssh-keygen is missing; on Debian: apt install openssh-server openssh-client")
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "PasswordAuthentication": "no",
        "UsePAM": "no",
        "StrictModes": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    Path("/run/sshd").mkdir(exist_ok=True)  # sshd leaves its privileges there
    server = subprocess.Popen([sshd, "-D", "-f", str(folder / "config"), "-E", str(folder / "log")])
    _wait_for(port, folder / "log")
    yield SshServer(port, folder / "user")
    server.terminate()
    server.wait()


def _wait_for(port, log):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(log.read_text())
