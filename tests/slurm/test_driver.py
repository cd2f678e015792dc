"""The driver as a job of its own, as sites want it that forbid long processes on login nodes."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from multipress.workflow.snakemake_api import LOCKS
from tests.slurm.cluster import PATH
from tests.slurm.runs import HURRY, ROOT, SECONDS, TINY

PREPARED = "results/synthetic/data/rte/train.parquet"
AFTER_SEVERAL = "results/synthetic/tokens/rte/train.arrow"
PROGRAMS = ("sbatch", "squeue", "scancel", "sacct", "sinfo", "scontrol")


@dataclass
class Driver:
    """Calls slurm/driver.sh by sbatch, for a run in a folder."""

    cluster: object
    folder: Path
    number: str = ""

    def submit(self, *targets, configs):
        self.folder.mkdir()
        words = [*targets, "--snakefile", f"{ROOT}/Snakefile", "--directory", self.folder, *HURRY]
        words += ["--configfile", *[f"{ROOT}/{name}" for name in configs]]
        options = f"--parsable --chdir={ROOT} --output={self.folder}/driver.log --time=60 --mem=3000"
        command = f"sbatch {options} {ROOT}/slurm/driver.sh {' '.join(map(str, words))}"
        self.number = self.cluster.call(command).strip()

    @property
    def log(self):
        file = self.folder / "driver.log"
        return file.read_text() if file.exists() else ""

    def jobs(self):
        """The numbers of the jobs that it says it has submitted: tests before may have left others in the queue."""
        return set(re.findall(r"has been submitted with SLURM jobid (\d+)", self.log))

    def wait(self, until):
        deadline = time.monotonic() + SECONDS
        while not until():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.5)

    def state(self):
        """What SLURM says of the driver at its end; empty before."""
        words = self.cluster.call(f"sacct -X -n -P -j {self.number} --format=State").split()
        return "" if not words or words[0] in ("PENDING", "RUNNING", "COMPLETING") else words[0]


@pytest.fixture
def driver(cluster, tmp_path, monkeypatch):
    """Within a job the plugin removes SLURM_CONF, which a site's own programs don't need: these get it back."""
    if not (ROOT / ".venv/bin/activate").exists():
        pytest.skip("no .venv in the checkout, which slurm/driver.sh activates: make .venv/installed")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        real = shutil.which(name, path=PATH)
        (programs / name).write_text(f'#!/bin/sh\nSLURM_CONF={cluster.configuration} exec {real} "$@"\n')
        (programs / name).chmod(0o755)
    path = f"{programs}:{cluster.environment['PATH']}"
    monkeypatch.setattr(cluster, "environment", cluster.environment | {"PATH": path})
    return Driver(cluster, tmp_path / "run")


def test_it_submits_jobs_and_ends_with_them(driver):
    driver.submit(PREPARED, configs=TINY)
    driver.wait(driver.state)
    assert driver.state() == "COMPLETED", driver.log
    assert (driver.folder / PREPARED).is_file()
    assert "has been submitted with SLURM jobid" in driver.log


def test_scancel_of_it_cancels_its_jobs_and_leaves_no_lock(driver):
    driver.submit(AFTER_SEVERAL, configs=TINY)
    driver.wait(lambda: driver.jobs())
    driver.cluster.call(f"scancel {driver.number}")
    # SLURM calls it cancelled before it has ended.
    driver.wait(lambda: "multipress: stopped by SIGTERM" in driver.log)
    driver.wait(lambda: not {driver.number, *driver.jobs()} & set(driver.cluster.call("squeue -h -o %i").split()))
    assert not list((driver.folder / LOCKS).glob("*"))
