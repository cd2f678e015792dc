"""Runs of the real workflow in temporary folders."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGS = ["config/demo.yaml", "tests/workflow/tiny.yaml"]


class Workflow:
    """Calls Snakemake on this repository with a folder as its working directory."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / "results" / "synthetic"

    def run(self, *targets, flags=(), config=(), configs=CONFIGS, **environment):
        command = [sys.executable, "-m", "snakemake", *targets, *flags]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder), "--cores", "2"]
        command += ["--quiet", "host", "--show-failed-logs"]
        if configs:
            command += ["--configfile", *[str(ROOT / name) for name in configs]]
        if config:
            command += ["--config", *config]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=os.environ | environment, check=False
        )

    def stale(self, *config):
        """Rule names of the jobs that a dry run would run."""
        process = self.run("all", flags=["--dry-run"], config=config)
        assert process.returncode == 0, process.stderr
        lines = (process.stdout + process.stderr).splitlines()
        return {line.split()[1].rstrip(":") for line in lines if line.startswith(("rule ", "localrule "))}


def write_weather(folder, rows=64):
    """A user's own task: a CSV file a split, with labels as words."""
    generator = random.Random(0)
    folder.mkdir(parents=True)
    for split in ("train", "validation"):
        lines = ["report,verdict"]
        for number in range(rows):
            good = number % 2
            mood = generator.choice(["sun", "warmth", "calm"] if good else ["rain", "hail", "frost"])
            lines.append(f"day {number} in {split} brought {mood},{'good' if good else 'bad'}")
        (folder / f"{split}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def workflow(tmp_path):
    """An empty working directory with the user's task in it."""
    write_weather(tmp_path / "weather")
    return Workflow(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A finished run; its folder has a space and a quote in its name."""
    folder = tmp_path_factory.mktemp("o'run with space")
    write_weather(folder / "weather")
    done = Workflow(folder)
    process = done.run("all")
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
    return done
