"""A cluster for all tests of this folder, and runs of the workflow on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster, obstacle

ROOT = Path(__file__).parents[2]
CONFIGS = ["config/demo.yaml", "tests/slurm/tiny.yaml"]
# Not a profile of our own: the one under test, less its patience.
HURRY = ["--slurm-init-seconds-before-status-checks=1", "--seconds-between-status-checks=1", "--latency-wait=10"]
REQUIRED = "MULTIPRESS_REQUIRE_SLURM"


@pytest.fixture(scope="session")
def cluster():
    reason = obstacle()
    if reason and os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {reason}")
    if reason:
        pytest.skip(reason)
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class SlurmWorkflow:
    """Calls Snakemake with the cluster's profile and a folder as its working directory."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.results = folder / "results" / "synthetic"

    def start(self, *targets, flags=(), config=(), configs=CONFIGS, profile=("--profile", "slurm", *HURRY)):
        """A running Snakemake; what it prints goes to ``log``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "snakemake", *targets, *profile, *flags]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder)]
        command += ["--configfile", *[str(ROOT / name) for name in configs], *(["--config", *config] if config else [])]
        with self.log_file.open("w") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def run(self, *targets, **options):
        """Exit status of a run to its end."""
        process = self.start(*targets, **options)
        try:
            return process.wait(timeout=240)
        finally:
            process.kill()

    @property
    def log_file(self):
        return self.folder / "snakemake.txt"

    @property
    def log(self):
        return self.log_file.read_text()

    def submitted(self):
        """Rule names of all jobs that this run gave to SLURM, repetitions included."""
        rules, submitted = {}, []
        rule = None
        for line in self.log.splitlines():
            words = line.split()
            if line.startswith("rule "):
                rule = words[1].rstrip(":")
            elif words[:1] == ["jobid:"] and rule:
                rules[words[1]], rule = rule, None
            elif "has been submitted with SLURM jobid" in line:
                submitted.append(rules[words[1]])
        return submitted


@pytest.fixture
def workflow(cluster, tmp_path):
    return SlurmWorkflow(tmp_path / "run", cluster.environment)
