"""A repository with a recorded run in it, and the commands that a user gives there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import forked
from tests.runs import git

CONFIG = "config/demo.yaml"
RESULTS = "results/synthetic"


class Repository:
    """A clone of the project."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / RESULTS

    def copy(self, folder):
        shutil.copytree(self.folder, folder)  # with the times of the files
        return Repository(folder)

    def clone(self, folder):
        """As git clone makes it."""
        git(folder.parent, "clone", "--quiet", str(self.folder), str(folder))
        return Repository(folder)

    def start(self, *command):
        """A command in the background, with a process group of its own."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=self.folder, env=self._environment(), start_new_session=True, **quiet)

    def call(self, *command, folder=None):
        folder = folder or self.folder
        if command[:2] == (sys.executable, "-m"):
            return forked.run_text(command, cwd=folder, env=self._environment())
        return subprocess.run(command, cwd=folder, env=self._environment(), capture_output=True, text=True, check=False)

    def _environment(self):
        """Programs of this Python first, modules of this repository alone."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return os.environ | {"PATH": path, "PYTHONPATH": str(self.folder), "DVC_NO_ANALYTICS": "1"}

    def script(self, name, *arguments):
        """A verb of multipress with --configfile, as the Makefile calls it."""
        return self.call(sys.executable, "-m", "multipress", name, "--configfile", CONFIG, *arguments)

    def dvc(self, *arguments):
        return self.call(sys.executable, "-m", "dvc", *arguments)

    def snakemake(self, *arguments):
        return self.call(sys.executable, "-m", "snakemake", *arguments, "--profile", "local", "--configfile", CONFIG)

    def stale(self):
        """Rules that a dry run would run."""
        process = self.snakemake("all", "--dry-run")
        assert process.returncode == 0, process.stderr
        lines = (process.stdout + process.stderr).splitlines()
        start = next((number for number, line in enumerate(lines) if line.startswith("------")), len(lines))
        counts = [line.split() for line in lines[start + 1 :]]
        return {words[0] for words in counts if len(words) == 2 and words[1].isdigit()} - {"all", "total"}

    def config(self, before, after):
        """Edit the study's configuration."""
        self.edit(CONFIG, before, after)

    def edit(self, name, before, after):
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert before in text, f"{name} has no {before!r}"
        file.write_text(text.replace(before, after, 1), encoding="utf-8")
