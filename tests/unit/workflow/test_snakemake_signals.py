"""Handlers of signals, each in a process of its own."""

import signal
import subprocess
import sys

HELD_LOCK = """
import signal, threading, time
from multipress.workflow import snakemake_signals

lock, heard = threading.Lock(), threading.Event()
def answer(number, frame):
    with lock:
        heard.set()
signal.signal(signal.SIGTERM, answer)
snakemake_signals.wait_for_jobs_aside()
with lock:
    signal.raise_signal(signal.SIGTERM)
    time.sleep(0.1)
    assert not heard.is_set()
assert heard.wait(5)
print("answered")
"""

BUSY_IN_ASYNCIO = """
import asyncio, signal, sys
from multipress.workflow import snakemake_signals

async def plan():
    signal.raise_signal(signal.SIGINT)
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
snakemake_signals.give_back()
assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
snakemake_signals.end_dry_run_at_once()
signal.raise_signal(signal.SIGTERM)
print("went on")
"""


def run(program):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_a_lock_of_the_interrupted_thread_does_no_harm():
    done = run(HELD_LOCK)
    assert (done.returncode, done.stdout) == (0, "answered\n"), done.stderr


def test_asyncio_does_not_keep_the_signal_for_later():
    done = run(BUSY_IN_ASYNCIO)
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, "")
    assert done.stderr == "multipress: stopped while planning; nothing was started\n"


def test_after_planning_the_signal_is_pythons_again():
    assert run(GIVEN_BACK).stdout == "as Python does\n"


def test_handlers_of_others_are_left_alone_and_dry_runs_end():
    done = run(OF_OTHERS)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "")
