"""Trainings that their cluster takes away go on from the saved state and end with the bits of an uninterrupted run."""

import time
from collections import Counter

import pytest

from multipress.states import checksum
from tests.slurm.cluster import NODES
from tests.slurm.conftest import SlurmWorkflow

CONFIGS = ["config/demo.yaml", "tests/slurm/interruptions.yaml"]
MODELS = {"scancel": "nano/seed1", "requeue": "nano/seed2", "node": "nano/seed3", "timeout": "micro/seed1"}
TARGETS = [f"results/synthetic/models/rte/{model}/ft/model.safetensors" for model in MODELS.values()]
SECONDS = 200


class Interrupted(SlurmWorkflow):
    """A run whose trainings are interrupted, each once and in its own way, after its first saved state."""

    def __init__(self, folder, cluster):
        super().__init__(folder, cluster.environment)
        self.cluster = cluster
        self.finished_before = {}

    def interrupt_all(self):
        process = self.start(*TARGETS, configs=CONFIGS)
        left, deadline = dict(MODELS), time.monotonic() + SECONDS
        try:
            while process.poll() is None and time.monotonic() < deadline:
                for way in [way for way, model in left.items() if self.states(model)]:
                    self.finished_before = self.finished_before or self.inodes()
                    getattr(self, f"_{way}")(self.job(left.pop(way)))
                time.sleep(0.2)
            assert process.poll() == 0, self.log
            assert not left, f"never interrupted: {left}; {self.log}"
        finally:
            process.kill()

    def states(self, model):
        arch, seed = model.split("/")
        return list((self.results / "scratch" / f"rte-{arch}-{seed}-ft").glob("*/*.json"))

    def inodes(self):
        """Identities of the files that were finished before the first interruption."""
        files = [path for name in ("data", "tokens", "tokenizer") for path in (self.results / name).rglob("*.*")]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}

    def job(self, model):
        """The number and the node of the SLURM job that trains a model."""
        comment = f"rule_finetune_wildcards_rte_{model.replace('/seed', '_')}"
        rows = [line.split("|") for line in self.cluster.call("squeue -h -t R -o %i|%N|%k").splitlines()]
        return next((number, node) for number, node, text in rows if text == comment)

    def _scancel(self, job):
        self.cluster.call(f"scancel {job[0]}")

    def _requeue(self, job):
        self.cluster.call(f"scontrol requeue {job[0]}")

    def _node(self, job):
        self.cluster.call(f"scontrol update nodename={job[1]} state=down reason=test")
        self.cluster.call(f"scontrol update nodename={job[1]} state=resume")

    def _timeout(self, job):
        """The shortest limit is a minute; so it is drawn nearer while the job runs."""
        self.cluster.call(f"scontrol update jobid={job[0]} endtime=now+1")


@pytest.fixture(scope="module")
def interrupted(cluster, tmp_path_factory):
    run = Interrupted(tmp_path_factory.mktemp("interrupted"), cluster)
    run.interrupt_all()
    return run


@pytest.fixture(scope="module")
def uninterrupted(cluster, tmp_path_factory):
    run = SlurmWorkflow(tmp_path_factory.mktemp("uninterrupted"), cluster.environment)
    assert run.run(*TARGETS, configs=CONFIGS, profile=("--cores", "2")) == 0, run.log
    return run


@pytest.mark.parametrize("way", MODELS)
def test_the_training_went_on_from_its_saved_state(interrupted, way):
    log = (interrupted.results / "logs" / "finetune" / "rte" / f"{MODELS[way]}.log").read_text()
    assert "resuming at step" in log


@pytest.mark.parametrize("way", MODELS)
def test_the_checkpoint_is_that_of_an_uninterrupted_run(interrupted, uninterrupted, way):
    target = TARGETS[list(MODELS).index(way)]
    assert checksum(interrupted.folder / target) == checksum(uninterrupted.folder / target)


def test_sigterm_reached_the_training_and_left_it_the_time_to_save(interrupted):
    """Failed logs are shown; those of jobs that SLURM requeues are not."""
    assert interrupted.log.count("SIGTERM received after step") >= 2
    assert "status is: 'TIMEOUT'" in interrupted.log
    assert "status is: 'CANCELLED" in interrupted.log


def test_no_finished_job_was_repeated(interrupted):
    assert interrupted.finished_before
    assert interrupted.finished_before.items() <= interrupted.inodes().items()
    once = {"prepare_data": 1, "train_tokenizer": 1, "tokenize": 2}
    again = {"finetune": len(MODELS) + 2}  # scancel and timeout: by Snakemake; node and requeue: by SLURM
    assert Counter(interrupted.submitted()) == Counter(once | again)


def test_the_nodes_are_up_again(interrupted, cluster):
    assert len(cluster.call("sinfo -h -N -t idle,mixed,allocated").splitlines()) == len(NODES)
