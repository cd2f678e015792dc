"""Progress by Snakemake's log, and what is said of the answer."""

import numpy as np
import pyarrow as pa
import pytest

from multipress.shrink.answer import confusions
from multipress.shrink.run import Progress
from multipress.shrink.source import Rows

LOG = """
[Thu Nov 26 06:41:05 2026]
localrule finetune:
    input: a, b
    jobid: 3
    reason: Missing output files
    wildcards: task=reviews, arch=full, seed=1, step=ft
    threads: 2
[Thu Nov 26 06:41:13 2026]
Finished jobid: 3 (Rule: finetune)
1 of 4 steps (25%) done
localrule quantize:
    jobid: 7
    wildcards: task=reviews, arch=full, seed=1, parent=ft-l2taught, step=int8
rule tabulate:
    jobid: 8
Finished jobid: 8 (Rule: tabulate)
2 of 4 steps (50%) done
Finished jobid: 7 (Rule: quantize)
3 of 4 steps (75%) done
Finished jobid: 0 (Rule: all)
4 of 4 steps (100%) done
"""


def rows(labels, names):
    return Rows([pa.array([str(label) for label in labels])], np.array(labels), names, np.arange(len(labels)))


def test_each_job_is_told_with_its_recipe_and_the_rest_as_fast_as_what_is_made():
    times = iter([100.0, 140.0, 140.0, *[140.0] * 50])
    progress = Progress({"ft": 20.0, "ft-l2taught-int8": 30.0}, clock=lambda: next(times))
    told = [line for said in LOG.splitlines() if (line := progress.line(said))]
    assert told == [
        "[1/4] finetune ft: 40 s; about 66 s left",  # twice as slow as planned: 2 times 30 s, and 2 jobs of 3 s
        "[2/4] tabulate: 0 s; about 63 s left",
        "[3/4] quantize ft-l2taught-int8: 0 s; about 3 s left",
    ]


def test_what_is_confused_more_often_comes_first_and_nothing_else():
    subject = rows([0, 0, 0, 0, 1, 1, 2, 2], ["a", "b", "c"])
    before = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    after = np.array([1, 1, 0, 1, 1, 1, 2, 0])
    assert confusions(subject, before, after) == [
        "a taken for b: 3 of 4 (uncompressed: 1)",
        "c taken for a: 1 of 2 (uncompressed: 0)",
    ]


def test_of_numbers_the_mean_error_is_told():
    subject = rows([1.0, 2.0, 3.0, 4.0], None)
    found = confusions(subject, subject.labels + 0.5, subject.labels - 1)
    assert found == ["off by 1 on average (uncompressed: 0.5)"]


@pytest.mark.parametrize("line", ["", "Building DAG of jobs...", "3 of 4 steps (75%) done"])
def test_other_lines_say_nothing(line):
    assert Progress({}).line(line) is None
