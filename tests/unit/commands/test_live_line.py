"""Progress by what Snakemake says, and the line that shows it on a terminal."""

import os
import pty
import subprocess
import sys

import pytest

from multipress.workflow.environment import ROOT
from multipress.workflow.followed_run import Progress

LOG = """
[Thu Nov 26 06:41:05 2026]
localrule finetune:
    input: a, b
    output: results/models/reviews/full/seed1/ft/model.safetensors, results/history/reviews/full/seed1/ft.csv
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


HISTORY = """\
step,epoch,loss,dev_score
1,0.5,0.7,
2,1.0,0.6,81.25
3,1.5,0.5,
4,2.0,0.4,91.26
5,2.5,0.4,
"""


def test_each_job_is_told_with_its_recipe_and_the_rest_as_fast_as_what_is_made(tmp_path):
    times = iter([100.0, 140.0, 140.0, *[140.0] * 50])
    progress = Progress({"ft": 20.0, "ft-l2taught-int8": 30.0}, tmp_path, only_recipes=True, clock=lambda: next(times))
    told = [line for said in LOG.splitlines() if (line := progress.line(said))]
    assert told == [
        "[1/4] finetune ft: 40 s; about 66 s left",  # twice as slow as planned: 2 times 30 s, and 2 jobs of 3 s
        "[2/4] tabulate: 0 s; about 63 s left",
        "[3/4] quantize ft-l2taught-int8: 0 s; about 3 s left",
    ]


def test_where_starts_of_jobs_are_not_told_no_time_is_guessed():
    progress = Progress({}, clock=lambda: 5000.0)
    told = [progress.line(line) for line in ("Finished jobid: 3 (Rule: finetune)", "1 of 4 steps (25%) done")]
    assert told == [None, "[1/4] finetune: 0 s"]


def test_a_model_is_told_with_its_last_score(tmp_path):
    file = tmp_path / "results/history/reviews/full/seed1/ft.csv"
    file.parent.mkdir(parents=True)
    file.write_text(HISTORY)
    progress = Progress({}, tmp_path)
    told, shown = [], []
    for said in LOG.splitlines():
        told += filter(None, [progress.line(said)])
        shown.append(progress.now())
    assert told[0].startswith("[1/4] finetune reviews/full/ft 91.3: 0 s; about ")
    assert shown[4].startswith("planning")
    assert "finetune reviews/full/ft" in shown
    assert shown[-9].startswith("quantize reviews/full/ft-l2taught-int8; last: reviews/full/ft 91.3; about ")


def test_without_a_plan_the_rest_takes_as_long_a_job_as_before():
    seconds = iter([0.0, *[30.0] * 50])
    progress = Progress({}, clock=lambda: next(seconds))
    told = [line for said in LOG.splitlines() if (line := progress.line(said))]
    assert told[0] == "[1/4] finetune reviews/full/ft: 30 s; about 90 s left"
    assert told[1] == "[2/4] tabulate: 0 s; about 30 s left"


@pytest.mark.parametrize("line", ["", "Building DAG of jobs...", "3 of 4 steps (75%) done"])
def test_other_lines_say_nothing(line):
    assert Progress({}).line(line) is None


SHOWING = """
from multipress.commands.live_line import live_line
with live_line() as (say, show):
    show("making [ft]")
    say("[1/2] made [ft]")
    show("making kd")
"""


def test_plain_lines_where_there_is_no_terminal():
    done = subprocess.run([sys.executable, "-c", SHOWING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[1/2] made [ft]\n"


def test_on_a_terminal_a_line_shows_what_is_going_on():
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", SHOWING], cwd=ROOT, stdout=theirs, env=environment, check=True)
    os.close(theirs)
    said = b""
    while chunk := _read(ours):
        said += chunk
    text = said.decode()
    assert "[1/2] made [ft]\r\n" in text
    assert "making kd" in text
    assert "\x1b[" in text  # which takes the line back


def _read(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""
