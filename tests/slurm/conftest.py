"""A cluster for all tests of this folder, and runs of the workflow on it."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.slurm.cluster import Cluster, obstacle
from tests.slurm.runs import LONG, TARGETS, Interrupted, SlurmWorkflow

REQUIRED = "MULTIPRESS_REQUIRE_SLURM"


@pytest.fixture(scope="session")
def cluster():
    reason = obstacle()
    if reason and os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {reason}")
    if reason:
        pytest.skip(reason)
    cluster = Cluster()
    # So that what follows runs even where the tests are terminated.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def workflow(cluster, tmp_path):
    return SlurmWorkflow(tmp_path / "run", cluster.environment)


@pytest.fixture(scope="session")
def long_runs(request, cluster, tmp_path_factory):
    """The runs that several tests look at, all at once: they wait for SLURM half of the time."""
    # A folder with a space and a quote in its name.
    finished = SlurmWorkflow(tmp_path_factory.mktemp("o'run with space"), cluster.environment)
    interrupted = Interrupted(tmp_path_factory.mktemp("interrupted"), cluster)
    uninterrupted = SlurmWorkflow(tmp_path_factory.mktemp("uninterrupted"), cluster.environment)
    works = {
        "finished": (finished, lambda: finished.succeed("all")),
        "interrupted": (interrupted, interrupted.interrupt_all),
        "uninterrupted": (uninterrupted, lambda: uninterrupted.succeed(*TARGETS, configs=LONG, profile=["--cores=1"])),
    }
    wanted = {name for item in request.session.items for name in item.fixturenames}
    pool = ThreadPoolExecutor()
    yield {name: (run, pool.submit(work)) for name, (run, work) in works.items() if name in wanted}
    # Not waiting: where a test was interrupted, the end of the cluster ends the runs.
    pool.shutdown(wait=False)


def long_run(name):
    """A fixture: the run of that name, at its end."""

    @pytest.fixture(scope="session", name=name)
    def fixture(long_runs):
        run, ended = long_runs[name]
        ended.result()
        return run

    return fixture


finished, interrupted, uninterrupted = map(long_run, ("finished", "interrupted", "uninterrupted"))
