from dataclasses import replace

import pytest

from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.model.paper_shapes import PAPER
from multipress.workflow.cluster.requests import (
    LONGEST_MINUTES,
    START_MINUTES,
    Measurement,
    Work,
    augmentation_minutes,
    text_memory_mb,
)
from multipress.workflow.cluster.slurm import _largest, remedies

# Token files as GLUE's are: rows of mnli and rte, 39 and 68 tokens on average.
MNLI_MB, RTE_MB = 75.0, 0.8


def work(arch="large", megabytes=MNLI_MB, trains=True, device="gpu", passes=3.0):
    return Work(PAPER[arch], 30522, megabytes, passes, 32, 128, trains, device, threads=1)


def test_requests_grow_with_the_model_and_the_task():
    sizes = ["tiny", "mini", "small", "medium", "base", "large"]
    for device in ("cpu", "gpu"):
        works = [work(arch, device=device) for arch in sizes]
        assert sorted(works, key=lambda one: one.memory_mb()) == works
        assert sorted(works, key=lambda one: one.minutes()) == works
        assert work(megabytes=RTE_MB, device=device).minutes() < work(device=device).minutes()


def test_a_model_that_trains_holds_at_least_weights_gradients_moments_and_a_saved_state():
    weights_mb = 4 * 335e6 / 1e6
    assert work().memory_mb() > 7 * weights_mb
    assert work(trains=False).memory_mb() < work().memory_mb()


@pytest.mark.parametrize(("arch", "measured_hours"), [("tiny", 0.7), ("mini", 4.0), ("small", 13.4), ("medium", 32.8)])
def test_cpu_hours_of_the_papers_fine_tunings_cover_what_was_measured(arch, measured_hours):
    """docs/explanation/performance.md: all eight tasks, 949,000 rows of 34 tokens on average."""
    one_task = work(arch, megabytes=949_000 * (32 + 4 * 34) / 1e6 / 8, device="cpu")
    assert 1.5 * measured_hours < 8 * one_task.minutes() / 60 < 8 * measured_hours + 8


def test_a_teacher_beside_a_training_has_its_weights_its_features_and_its_forward_pass():
    for device, megabytes in (("cpu", 0.2), ("gpu", 10.0)):
        alone = work("base", megabytes, device=device)
        taught = {arch: replace(alone, teacher=PAPER[arch]) for arch in ("base", "large")}
        weights_mb = {"base": 4 * 109e6 / 1e6, "large": 4 * 335e6 / 1e6}
        features_mb = 4 * 32 * 128 * 12 * (768 + 12 * 128) / 1e6 if device == "cpu" else 0
        assert taught["base"].memory_mb() > alone.memory_mb() + weights_mb["base"] + features_mb
        assert taught["large"].memory_mb() > taught["base"].memory_mb() + weights_mb["large"] - weights_mb["base"]
        assert alone.minutes() - START_MINUTES < 0.75 * (taught["base"].minutes() - START_MINUTES)
        assert taught["base"].minutes() < taught["large"].minutes()


def test_an_attempt_asks_for_more_than_the_one_before():
    assert work().memory_mb(attempt=2) == 2 * work().memory_mb()
    assert work().memory_mb(attempt=3) == 4 * work().memory_mb()
    assert work("tiny").minutes(attempt=2) == pytest.approx(2 * work("tiny").minutes(), abs=1)
    assert text_memory_mb(10.0, attempt=2) == 2 * text_memory_mb(10.0)


def measurement(arch, **settings):
    return Measurement(PAPER[arch], 30522, 12, MeasuringSettings(**settings))


def test_a_measurement_holds_all_models_that_differ_by_more_than_weights_at_once():
    weights_mb = 4 * 335e6 / 1e6
    assert measurement("large").memory_mb() > 12 * weights_mb > measurement("tiny").memory_mb()
    assert measurement("tiny").memory_mb(attempt=2) == 2 * measurement("tiny").memory_mb()


def test_a_measurement_has_time_for_its_cap_and_for_the_least_number_of_calls():
    models = 12 * 3
    assert measurement("tiny", seconds=20).minutes() >= models * 4 * 20 / 60
    call = 2 * 302e6 * 32 * 128 / 4e10
    assert measurement("large", batch_sizes=[32], task_lengths=False).minutes() >= models * 6 * call / 60
    assert measurement("tiny", seconds=1).minutes() < measurement("tiny", seconds=20).minutes()


def test_no_request_is_longer_than_a_day():
    assert work(device="cpu").minutes() == LONGEST_MINUTES
    assert augmentation_minutes(1e6, processes=1) == LONGEST_MINUTES


@pytest.mark.parametrize(
    ("log", "remedy"),
    [
        ("SLURM-job '5' failed, SLURM status is: 'OUT_OF_MEMORY'.", "mem_mb"),
        ("SLURM-job '5' failed, SLURM status is: 'TIMEOUT'.", "runtime"),
        ("prune: error: cannot write x: Disk quota exceeded; check permissions and free space", "quota"),
        (
            "SLURM sbatch failed. The error message was 'sbatch: error: QOSMaxSubmitJobPerUserLimit'",
            "slurm/config.yaml",
        ),
    ],
)
def test_a_failure_names_its_remedy(tmp_path, log, remedy):
    (tmp_path / "log").write_text(log)
    (line,) = remedies([tmp_path / "log"], tmp_path / "none")
    assert remedy in line


def test_slurms_own_log_of_a_failed_job_is_read_too(tmp_path):
    (tmp_path / "log").write_text("Error in rule prune:\n    external_jobid: 21\n")
    (tmp_path / "rule_prune").mkdir()
    for number, text in ((21, "slurmstepd: error: Exceeded job memory limit"), (22, "DUE TO TIME LIMIT")):
        (tmp_path / "rule_prune" / f"{number}.log").write_text(text)
    (line,) = remedies([tmp_path / "log"], tmp_path)
    assert "mem_mb" in line


def test_a_failure_of_the_job_itself_needs_no_remedy(tmp_path):
    (tmp_path / "log").write_text("SLURM-job '5' failed, SLURM status is: 'FAILED'. distill: error: loss is not finite")
    assert remedies([tmp_path / "log"], tmp_path) == []


def test_sbatch_is_asked_once_for_each_kind_of_job():
    gpu = {"slurm_partition": "gpu", "gpu": 1}
    requests = [gpu | {"mem_mb": 5000, "runtime": 60}, gpu | {"mem_mb": 4000, "runtime": 90}, {"mem_mb": "<TBD>"}]
    assert _largest(requests) == [["--partition=gpu", "--gpus=1", "--mem=5000", "--time=90"], []]
