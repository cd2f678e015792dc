"""Reasons of many jobs in few lines."""

from multipress.workflow.staleness.reasons import StaleJob
from multipress.workflow.staleness.summary import LINES, summary


def job(rule, name, *reasons):
    return StaleJob(rule, {}, f"{rule} {name}", list(reasons))


def test_jobs_of_a_rule_with_the_same_reasons_share_a_line():
    jobs = [
        job("quantize", "rte/a/seed1/ft-int8", "quantize.epochs 1.0 → 2.0"),
        job("quantize", "rte/b/seed1/ft-int8", "quantize.epochs 1.0 → 2.0"),
        job("quantize", "rte/c/seed1/ft-int8", "quantize.epochs 1.0 → 3.0", "a.py changed"),
        job("export", "rte/a/seed1", "input results/x y/a.safetensors will be remade by quantize"),
        job("export", "rte/b/seed1", "input results/b.safetensors will be remade by quantize"),
        job("prune", "rte/a/seed1/ft-mp60", "quantize.epochs 1.0 → 2.0"),
    ]
    assert summary(jobs) == [
        "quantize ×2: quantize.epochs 1.0 → 2.0",
        "quantize rte/c/seed1/ft-int8: quantize.epochs 1.0 → 3.0; a.py changed",
        "export ×2: follows quantize",
        "prune rte/a/seed1/ft-mp60: quantize.epochs 1.0 → 2.0",
    ]


def test_many_reasons_are_counted():
    lines = summary(job("finetune", str(number), f"{number}.csv is newer") for number in range(LINES + 3))
    assert len(lines) == LINES + 1
    assert lines[-1] == "and 3 reasons more"
    assert summary([]) == []
