"""What a site may refuse or take away: a line that says what to change; the other jobs go on, nothing is lost."""

import os
import shutil
import subprocess
import time

import pytest

from tests.slurm.cluster import as_root
from tests.slurm.runs import SECONDS, TINY, SlurmWorkflow

pytestmark = pytest.mark.usefixtures("long_runs")  # while they wait, these tests run

FT = "results/synthetic/models/rte/nano/seed1/ft/model.safetensors"
DATA = "results/synthetic/data/rte/train.parquet"
TOKENIZER = "results/synthetic/tokenizer/train/vocab.txt"


def refused(run, message, *flags):
    """The run ends with one line that holds the message, and no job was submitted."""
    assert run.run(DATA, flags=flags) != 0
    assert [line for line in run.log.splitlines() if line.startswith("multipress: error: ") and message in line], (
        run.log
    )
    assert "Traceback" not in run.log
    assert not run.submitted()


def programs(folder, *names):
    """A folder with links to nothing but these programs."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name))
    return folder


def test_no_slurm_on_path(tmp_path):
    environment = os.environ | {"PATH": str(programs(tmp_path / "bin", "bash", "sh", "which", "uname"))}
    refused(SlurmWorkflow(tmp_path / "run", environment), "sbatch, srun, scancel, squeue not found on PATH")


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("slurm_partition=nowhere", "sbatch refuses --partition=nowhere"),
        ("slurm_account=nobody", "Invalid account or account/partition combination"),
        ("mem_mb=900000", "sbatch refuses --mem=900000: allocation failure: Requested node configuration"),
    ],
)
def test_a_request_that_sbatch_refuses(workflow, resource, message):
    refused(workflow, message, "--set-resources", f"prepare_train:{resource}")


def test_sacct_that_does_not_answer(cluster, workflow, tmp_path):
    silent = tmp_path / "bin" / "sacct"
    silent.parent.mkdir()
    silent.write_text("#!/bin/sh\necho Slurm accounting storage is disabled >&2\nexit 1\n")
    silent.chmod(0o755)
    workflow.environment = cluster.environment | {"PATH": f"{silent.parent}:{cluster.environment['PATH']}"}
    refused(workflow, "Slurm accounting storage is disabled", "--slurm-status-command=sacct")
    assert "set slurm-status-command: squeue" in workflow.log


def test_jobs_that_an_earlier_run_left_behind(cluster, workflow):
    logs = workflow.folder / ".snakemake" / "slurm_logs" / "rule_finetune"
    logs.mkdir(parents=True)
    cluster.call("salloc --no-shell --mem=100 --job-name=by-hand")  # which writes no output
    job = cluster.call(f"sbatch --parsable --hold --output={logs}/%j.log --wrap true").strip()
    refused(workflow, f"scancel {job}")
    cluster.call(f"scancel {job}")
    cluster.call("scancel --name=by-hand")


def test_a_job_killed_for_memory_is_repeated_with_more_and_the_others_go_on(workflow):
    memory = ["--set-resources", "prepare_train:mem_mb=100 if attempt == 1 else 4000"]
    assert workflow.run(DATA, TOKENIZER, flags=[*memory, "--retries", "0"]) != 0
    assert "multipress: jobs were killed for memory" in workflow.log
    vocabulary = (workflow.folder / TOKENIZER).stat()
    workflow.succeed(DATA, TOKENIZER, flags=memory)
    assert workflow.submitted() == ["prepare_train"] * 2
    assert (workflow.folder / TOKENIZER).stat() == vocabulary


@pytest.fixture
def small_disk(workflow):
    """The run's results on a file system of 1 MB, enough for all but the rows."""
    folder = workflow.folder / "results"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        as_root("mount", "-t", "tmpfs", "-o", "size=1000k,mode=777", "tmpfs", str(folder)),
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mount: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(as_root("umount", str(folder)), check=True)


def test_a_full_disk(workflow, small_disk):
    rows = ["data={'synthetic': {'train_rows': 20000}}", "pretrain={'synthetic_lines': 1000}"]
    flags = ["--retries", "0", "--jobs", "1"]  # one after the other: none fills the disk while another writes
    assert workflow.run(DATA, TOKENIZER, config=rows, flags=flags) != 0
    assert "No space left on device; check permissions and free space" in workflow.log
    assert "multipress: the disk or your quota is full" in workflow.log
    assert not (workflow.folder / DATA).exists()
    assert (workflow.folder / TOKENIZER).exists()
    subprocess.run(as_root("mount", "-o", "remount,size=50m", str(small_disk)), check=True)
    workflow.succeed(DATA, TOKENIZER, config=rows, flags=flags)
    assert workflow.submitted() == ["prepare_train"]


def test_a_configuration_that_is_edited_while_jobs_wait(workflow, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("finetune: {epochs: 1}\n")
    process = workflow.start(FT, configs=[*TINY, mine], flags=["--retries", "0"])
    tokens = workflow.results / "data" / "rte" / "train.parquet"
    while process.poll() is None and not tokens.exists():
        time.sleep(0.1)
    mine.write_text("finetune: {epochs: 2}\n")
    assert process.wait(timeout=SECONDS) != 0
    assert not (workflow.folder / FT).exists()
    logs = "".join(path.read_text() for path in (workflow.folder / ".snakemake" / "slurm_logs").rglob("*.log"))
    assert "multipress: error: the configuration is not what the run was planned with: put it back or start" in logs
    assert "Traceback" not in logs
