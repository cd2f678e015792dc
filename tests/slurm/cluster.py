"""A real SLURM on this machine: three nodes, accounting, and fake GPUs, on the loopback interface.

Everything lies in one temporary folder: configuration, state, logs, sockets, munge key and database. A SLURM that is
already there is not touched.
"""

import getpass
import os
import shutil
import socket
import string
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = ("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd", "sbatch", "srun", "sacct")
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
PORTS = ("controller_port", "accounting_port", "database_port", "first_port", "second_port", "third_port")
NODES = ("first", "second", "third")
ACCOUNT = "compression"
SECONDS_TO_START = 60


def obstacle():
    """Why no cluster can be started here; None if it can."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian: slurm-wlm slurmdbd mariadb-server munge)"
    if as_root("true") and subprocess.run(as_root("true"), capture_output=True, check=False).returncode:
        return "slurmd needs root, or sudo without a password"
    return None


def as_root(*command):
    """The command, by sudo where this user is not root."""
    return list(command) if os.geteuid() == 0 else ["sudo", "-n", "-E", *command]


class Cluster:
    """Daemons that are started together and ended together."""

    def __init__(self):
        # Not pytest's folder: the path of a socket must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.configuration = self.folder / "slurm.conf"
        programs = os.pathsep.join([str(self.folder / "bin"), PATH])
        self.environment = os.environ | {"SLURM_CONF": str(self.configuration), "PATH": programs}
        self._daemons = []
        self._configure()

    def _configure(self):
        values = {"host": socket.gethostname(), "user": getpass.getuser(), "folder": self.folder}
        self._ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        for name in ("slurm.conf", "slurmdbd.conf", "gres.conf"):
            text = string.Template((HERE / name).read_text()).substitute(values, **self._ports)
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o600 if name == "slurmdbd.conf" else 0o644)
        (self.folder / "state").mkdir()
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o600)
        self._wrap_srun()

    def _wrap_srun(self):
        """Within a job the plugin removes SLURM_CONF from srun's environment: put it back."""
        wrapper = self.folder / "bin" / "srun"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={self.configuration} exec {shutil.which("srun", path=PATH)} "$@"\n')
        wrapper.chmod(0o755)

    def start(self):
        """Start the daemons, each after those that it needs, and make the user's account."""
        self._start_munge()
        self._start_database()
        self._start("slurmdbd", "-D")
        self._wait("sacctmgr -i add cluster multipress")
        self.call(f"sacctmgr -i add account {ACCOUNT}")
        self.call(f"sacctmgr -i add user {getpass.getuser()} account={ACCOUNT}")
        self._start("slurmctld", "-D")
        for node in NODES:
            self._start("slurmd", "-D", "-N", node, root=True)
        self._wait("sinfo -h -N -t idle", lambda out: len(out.splitlines()) == len(NODES))

    def _start_munge(self):
        places = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed", "log-file": "log"}
        options = [f"--{option}={self.folder}/munge.{ending}" for option, ending in places.items()]
        self._start("munged", "--foreground", "--force", "--num-threads=10", *options)
        self._wait(f"munge -n --socket {self.folder}/munge.socket")

    def _start_database(self):
        data = f"--datadir={self.folder}/database"
        user = f"--user={getpass.getuser()}"
        self.call(
            f"mariadb-install-db --no-defaults --skip-test-db --auth-root-authentication-method=normal {data} {user}"
        )
        self._start(
            "mariadbd",
            "--no-defaults",
            data,
            user,
            "--bind-address=127.0.0.1",
            f"--port={self._ports['database_port']}",
            f"--socket={self.folder}/database.socket",
            f"--pid-file={self.folder}/database.pid",
        )
        self._wait(f"mariadb-admin --no-defaults --user=root --socket={self.folder}/database.socket ping")

    def _start(self, *command, root=False):
        output = (self.folder / f"{command[0]}.out").open("ab")
        command = as_root(*command) if root else command
        self._daemons.append(subprocess.Popen(command, env=self.environment, stdout=output, stderr=output))

    def _wait(self, command, enough=bool):
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            process = self.run(command)
            if process.returncode == 0 and enough(process.stdout):
                return
            time.sleep(0.2)
        raise TimeoutError(f"{command}: {process.stdout}{process.stderr}; logs in {self.folder}")

    def stop(self):
        """End the daemons, the last started first, then what is left of jobs and runs; each by its process id."""
        for daemon in reversed(self._daemons):
            if daemon.poll() is None:
                _end(daemon)
        for process in Path("/proc").glob("[0-9]*"):
            if self._owns(process):
                subprocess.run(as_root("kill", "-KILL", process.name), stderr=subprocess.DEVNULL, check=False)
        subprocess.run(as_root("rm", "-rf", str(self.folder)), check=False)

    def _owns(self, process):
        """Whether a process inherited the PATH of this cluster, or holds one of its files open."""
        with suppress(OSError):
            if f"{self.folder}/bin:".encode() in (process / "environ").read_bytes():
                return True
            return any(str(file.readlink()).startswith(f"{self.folder}/") for file in (process / "fd").iterdir())
        return False

    def run(self, command):
        """Run a command of SLURM's, given as one line, and return the finished process."""
        return subprocess.run(command.split(), env=self.environment, capture_output=True, text=True, check=False)

    def call(self, command):
        """Output of a command that must succeed."""
        process = self.run(command)
        assert process.returncode == 0, f"{command}: {process.stdout}{process.stderr}"
        return process.stdout


def _end(daemon):
    """Ask a daemon to end, and kill it if it does not; sudo passes signals on to slurmd."""
    for signal_name in ("TERM", "KILL"):
        subprocess.run(as_root("kill", f"-{signal_name}", str(daemon.pid)), check=False)
        try:
            daemon.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue


def _free_ports(count):
    """Ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
