"""Edits while a run goes on: what is finished stays, and no model passes for one of the code that was planned."""

import subprocess
import sys
import time

import pytest

from tests.runs import CONFIGS, check_out, write_weather

MODELS = "results/synthetic/models/stsb/nano/seed1"
PRUNING = "multipress/compression/prune/masks.py"


@pytest.fixture
def start(tmp_path):
    """Start a run of a copy of the repository."""
    root = check_out(tmp_path / "repository")

    def run(folder):
        if not folder.exists():
            write_weather(folder / "weather")
        command = [sys.executable, "-m", "snakemake", f"{MODELS}/ft-mp60/model.safetensors", "--cores", "1"]
        command += ["--snakefile", root / "Snakefile", "--directory", folder, "--show-failed-logs"]
        command += ["--configfile", *[root / name for name in CONFIGS]]
        return subprocess.Popen(command, stdout=-1, stderr=subprocess.STDOUT, text=True)

    return root, run


def test_code_that_is_edited_in_mid_run_makes_nothing(start, tmp_path):
    root, run = start
    folder = tmp_path / "run"
    process = run(folder)
    while process.poll() is None and not (folder / "results/synthetic/logs/plan.json").exists():
        time.sleep(0.05)
    planned = (root / PRUNING).read_bytes()
    (root / PRUNING).write_bytes(planned.replace(b"round(sparsity", b"round(0.5 * sparsity"))
    script = root / "workflow_scripts" / "train_step.py"
    script.write_text(script.read_text() + "\n# What a comment says changes no model.\n")
    printed = process.communicate()[0]
    assert process.returncode != 0, printed
    assert f"error: {PRUNING} is not what the run was planned with: put it back or start the run again" in printed
    assert "Traceback" not in printed
    assert not (folder / MODELS / "ft-mp60" / "model.safetensors").exists()
    finetuned = (folder / MODELS / "ft" / "model.safetensors").stat()
    (root / PRUNING).write_bytes(planned)
    process = run(folder)
    printed = process.communicate()[0]
    assert process.returncode == 0, printed
    assert (folder / MODELS / "ft" / "model.safetensors").stat() == finetuned
