"""Trainings that their cluster takes away go on from the saved state and end with the bits of an uninterrupted run."""

from collections import Counter

import pytest

from multipress.core.files import sha256
from tests.slurm.cluster import NODES
from tests.slurm.runs import MODELS, TARGETS


@pytest.mark.parametrize("way", MODELS)
def test_the_training_went_on_from_its_saved_state(interrupted, way):
    log = (interrupted.results / "logs" / "finetune" / "rte" / MODELS[way] / "ft.log").read_text()
    assert "resuming at step" in log


@pytest.mark.parametrize("way", MODELS)
def test_the_checkpoint_is_that_of_an_uninterrupted_run(interrupted, uninterrupted, way):
    target = TARGETS[list(MODELS).index(way)]
    assert sha256(interrupted.folder / target) == sha256(uninterrupted.folder / target)


def test_sigterm_reached_the_training_and_left_it_the_time_to_save(interrupted):
    """Failed logs are shown; those of jobs that SLURM requeues are not."""
    assert interrupted.log.count("SIGTERM received after step") >= 2
    assert "status is: 'TIMEOUT'" in interrupted.log
    assert "status is: 'CANCELLED" in interrupted.log


def test_no_finished_job_was_repeated(interrupted):
    assert interrupted.finished_before
    assert interrupted.finished_before.items() <= interrupted.inodes().items()
    once = {"prepare_train": 1, "train_tokenizer": 1, "tokenize": 2}
    again = {"finetune": len(MODELS) + 2}  # scancel and timeout: by Snakemake; node and requeue: by SLURM
    assert Counter(interrupted.submitted()) == Counter(once | again)


def test_the_nodes_are_up_again(interrupted, cluster):
    assert len(cluster.call("sinfo -h -N -t idle,mixed,allocated").splitlines()) == len(NODES)
