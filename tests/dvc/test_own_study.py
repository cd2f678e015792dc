"""A study of one's own, versioned as docs/how-to/versioning.md says: dvc.yaml, commit, push, restore, audit."""

import shutil
import sys

import pytest
import yaml

from tests.dvc.repository import Repository
from tests.runs import commit, git, make_repository, write_weather

CONFIG = "config/reviews.yaml"
RESULTS = "results/reviews"
LINE = "      demo: {config: config/demo.yaml, results: results/synthetic}\n"
STUDY = {
    "results": RESULTS,
    "study": {"tasks": ["mood"], "architectures": ["nano"], "teacher": "nano", "seeds": [1], "recipes": []}
    | {"sparsities": None, "bits": None, "cross": [["ft", "kd"], ["mp60"]]},
    "custom_tasks": {
        "mood": {"kind": "classification", "folder": "rows", "text_columns": ["report"]}
        | {"label_column": "verdict", "metric": "accuracy"}
    },
    "custom_architectures": {"nano": {"layers": 1, "hidden": 8, "heads": 1, "feed_forward": 16}},
    "tokenizer": {"source": "train", "vocabulary": 300},
    "tokenize": {"max_length": 32},
    "pretrain": {"synthetic_lines": 300},
    "encoder": {"source": "scratch"},
    "augment": {"lexicon": "builtin"},
    "finetune": {"epochs": 1},
    "distill": {"epochs": 1},
    "prune": {"epochs": 1},
    "plot": {"dots_per_inch": 50, "paper_points": False},
    "analyze": {"draws": 100},
    "runtime": {"processes": 1, "device": "cpu"},
    "overrides": [],
}


class Study(Repository):
    """A clone whose study is one's own."""

    def script(self, name, *arguments):
        return self.call(sys.executable, "-m", "multipress", name, "--configfile", CONFIG, *arguments)

    def snakemake(self, *arguments):
        return self.call(sys.executable, "-m", "snakemake", *arguments, "--profile", "local", "--configfile", CONFIG)


def succeeded(process):
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
    return process.stdout


@pytest.fixture(scope="module")
def pushed(tmp_path_factory):
    """The study run, committed and pushed."""
    folder = tmp_path_factory.mktemp("own") / "repository"
    folder.mkdir()
    make_repository(folder)
    write_weather(folder / "rows")
    study = Study(folder)
    study.edit("dvc.yaml", LINE, f"{LINE}      reviews: {{config: {CONFIG}, results: {RESULTS}}}\n")
    (folder / CONFIG).write_text(yaml.safe_dump(STUDY, sort_keys=False), encoding="utf-8")
    succeeded(study.snakemake("all"))
    commit(folder, "My study")
    succeeded(study.dvc("push", "study@reviews"))
    return study


def test_git_has_what_is_small_and_nothing_else(pushed):
    files = git(pushed.folder, "ls-files", "results").splitlines()
    entries = {file.removeprefix(f"{RESULTS}/").split("/")[0] for file in files}
    assert entries == {"tables", "figures", "metrics.json", "audit.json"}
    assert git(pushed.folder, "status", "--porcelain") == ""


def test_a_fresh_clone_restores_and_audits_it_and_trains_only_what_a_change_asks_for(pushed, tmp_path):
    shutil.copytree(pushed.folder.parent / "multipress-storage", tmp_path / "multipress-storage")
    fresh = Study(pushed.clone(tmp_path / "clone").folder)
    assert "nothing to be done" in succeeded(fresh.script("restore"))
    said = succeeded(fresh.script("audit"))
    assert "NOT CHECKED" not in said
    assert "outputs and their parameters are as recorded" in said
    fresh.edit(CONFIG, "prune:\n  epochs: 1\n", "prune:\n  epochs: 2\n")
    assert "finetune" not in (why := succeeded(fresh.script("why")))
    assert "prune mood/nano/seed1/ft-mp60: prune.epochs 1.0 → 2" in why
