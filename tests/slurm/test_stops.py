"""A signal to Snakemake on the login node cancels its jobs on the cluster, and leaves no lock."""

import signal
import time

import pytest

from multipress.workflow.snakemake_api import LOCKS
from tests.slurm.runs import LONG, MODELS, SECONDS, TARGETS, SlurmWorkflow

# The state of jobs is asked for seldom, as on a real cluster: the end must not wait for that.
SELDOM = ["--slurm-init-seconds-before-status-checks=60", "--seconds-between-status-checks=60"]


@pytest.fixture(scope="module")
def prepared(cluster, tmp_path_factory):
    """A run whose trainings are the only jobs that are left."""
    workflow = SlurmWorkflow(tmp_path_factory.mktemp("stops"), cluster.environment)
    workflow.succeed("results/synthetic/tokens/rte/train.arrow", configs=LONG, profile=["--cores=1"])
    workflow.succeed("results/synthetic/tokens/rte/monitor.arrow", configs=LONG, profile=["--cores=1"])
    return workflow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_jobs_are_cancelled(cluster, prepared, number):
    process = prepared.start(*TARGETS, configs=LONG, flags=SELDOM)
    deadline = time.monotonic() + SECONDS
    try:
        while len(prepared.submitted()) < len(MODELS) or not any_training(cluster):
            assert process.poll() is None, prepared.log
            assert time.monotonic() < deadline
            time.sleep(0.2)
        process.send_signal(number)
        assert process.wait(timeout=SECONDS) == 1, prepared.log
    finally:
        process.kill()
    assert prepared.log.splitlines()[-1].startswith(f"multipress: stopped by {number.name}")
    assert "Traceback" not in prepared.log
    assert not list((prepared.folder / LOCKS).glob("*"))
    submitted = len(prepared.submitted())
    assert submitted == len(MODELS)
    while cluster.call("squeue -h -o %i"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    name = next(line.split()[-1] for line in prepared.log.splitlines() if line.startswith("SLURM run ID"))
    while len(states := states_of(cluster, name)) < submitted or set(states) - {"CANCELLED"}:
        assert time.monotonic() < deadline, states  # the accounting follows the queue by some seconds
        time.sleep(0.5)


def states_of(cluster, name):
    """The states of the jobs of a run, as the accounting has them."""
    found = cluster.call(f"sacct -X -n -P --name {name} --format=state").splitlines()
    return [state.split()[0] for state in found]


def any_training(cluster):
    return "finetune" in cluster.call("squeue -h -t R -o %k")
