"""Handlers of signals, each in a process of its own."""

import signal
import subprocess
import sys

import pytest

from multipress.workflow import snakemake_signals

BUSY_IN_ASYNCIO = """
import asyncio, signal, sys
from multipress.workflow import snakemake_signals

async def plan():
    signal.raise_signal(signal.Signals[sys.argv[1]])
    print("went on")

snakemake_signals.stop_planning_at_once()
asyncio.run(plan())
"""

GIVEN_BACK = """
import signal
from multipress.workflow import snakemake_signals

snakemake_signals.stop_planning_at_once()
snakemake_signals.give_back()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("as Python does")
"""

OF_OTHERS = """
import signal
from multipress.workflow import snakemake_signals

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
snakemake_signals.stop_planning_at_once()
signal.raise_signal(signal.SIGHUP)
snakemake_signals.give_back()
assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
print("still there")
"""

OF_A_DRY_RUN = """
import signal
from multipress.workflow import snakemake_signals

snakemake_signals.stop_planning_at_once()
signal.signal(signal.SIGTERM, lambda number, frame: print("waits for jobs"))
snakemake_signals.end_dry_run_at_once()
signal.raise_signal(signal.SIGTERM)
"""

REPEATED = """
import signal
from multipress.workflow import snakemake_signals

snakemake_signals.stop_planning_at_once()
try:
    signal.raise_signal(signal.SIGTERM)
finally:
    signal.raise_signal(signal.SIGTERM)
    print("the lock is removed")
"""


def run(program, *arguments):
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("number", snakemake_signals.STOPPING)
def test_asyncio_does_not_keep_the_signal_for_later(number):
    done = run(BUSY_IN_ASYNCIO, number.name)
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == "multipress: stopped while planning; nothing was started\n"


def test_after_planning_the_signal_is_pythons_again():
    assert run(GIVEN_BACK).stdout == "as Python does\n"


def test_what_is_ignored_stays_so():
    done = run(OF_OTHERS)
    assert done.stdout == "still there\n", done.stderr


def test_a_dry_run_has_no_jobs_to_wait_for():
    assert run(OF_A_DRY_RUN).returncode == 128 + signal.SIGTERM


def test_a_repeated_signal_does_not_disturb_the_end():
    done = run(REPEATED)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "the lock is removed\n")
