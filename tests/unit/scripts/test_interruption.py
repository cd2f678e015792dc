"""What a command says that was interrupted, whatever other signals come before its end."""

import signal
import subprocess
import sys

import pytest

from multipress.workflow.environment import ROOT

PROGRAM = """
import argparse, signal, sys
from contextlib import contextmanager
from multipress.core.errors import Interrupted
from multipress.core.command_line import run_command

@contextmanager
def another_signal():
    try:
        yield
    finally:
        signal.raise_signal(signal.Signals[sys.argv[1]])

def main(parsed):
    with another_signal():
        raise Interrupted("its state is saved", signal.SIGHUP)

arguments = argparse.ArgumentParser()
arguments.add_argument("signal")
run_command(main, arguments)
"""


@pytest.mark.parametrize("second", ["SIGTERM", "SIGINT", "SIGHUP", "SIGCHLD"])
def test_the_first_signal_counts(second):
    command = [sys.executable, "-c", PROGRAM, second]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=50, check=False)
    assert done.returncode == 128 + signal.SIGHUP, done.stderr
    assert done.stderr.endswith("-c: its state is saved\n")
    assert "Traceback" not in done.stderr


def test_under_nohup_a_closed_terminal_ends_no_command():
    program = """
import argparse, signal
from multipress.core.command_line import run_command
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def main(parsed):
    signal.raise_signal(signal.SIGHUP)
    print("went on")
run_command(main, argparse.ArgumentParser())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
