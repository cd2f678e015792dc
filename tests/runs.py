"""Runs of the real workflow in temporary folders, and repositories to run it in."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from snakemake.utils import update_config

from tests import forked

ROOT = Path(__file__).parents[1]
RUN_NAME = "o'run with space"
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
        return forked.run_text(command, cwd=self.folder, env=os.environ | environment)

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


def check_out(folder):
    """The project's files, all of them with new times; results that lie in the checkout are not among them."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and not name.startswith(("results/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def git(folder, *arguments):
    """Its output."""
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder, message="x"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-gpg-sign", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def make_repository(folder):
    """A repository as a user has it, whose demo is the tests' small study."""
    check_out(folder)
    demo, tiny = (yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in CONFIGS)
    update_config(demo, tiny)
    (folder / "config" / "demo.yaml").write_text(yaml.safe_dump(demo, sort_keys=False), encoding="utf-8")
    git(folder, "init", "--quiet")
    commit(folder)


def make_run(folder):
    """Run the tests' small study in a repository of its own, and return it."""
    folder.mkdir(parents=True)
    make_repository(folder)
    write_weather(folder / "weather")
    done = Workflow(folder)
    process = done.run("all")
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
    return done


if __name__ == "__main__":
    make_run(Path(sys.argv[1], RUN_NAME))
