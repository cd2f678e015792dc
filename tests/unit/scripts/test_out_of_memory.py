"""What a command says whose memory does not suffice."""

import subprocess
import sys

import pytest
import torch

from multipress.core.errors import explain_out_of_memory, is_out_of_memory
from multipress.workflow.environment import ROOT

PROGRAM = """
import argparse
from multipress.core.command_line import run_command

def main(parsed):
    {}

run_command(main, argparse.ArgumentParser())
"""
TOO_MUCH = ["import torch; torch.empty(1 << 50)", "import numpy; numpy.empty(1 << 50)", "bytearray(1 << 60)"]


def run(statement):
    command = [sys.executable, "-c", PROGRAM.format(statement)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=50, check=False)


@pytest.mark.parametrize("statement", TOO_MUCH)
def test_too_little_memory_is_one_line(statement):
    done = run(statement)
    assert done.returncode == 1
    assert done.stderr == (
        "-c: error: out of memory: run fewer jobs at a time (snakemake --cores 1), end other programs, or take a "
        "larger machine\n"
    )


def test_another_error_keeps_its_traceback():
    done = run("raise RuntimeError('no memory of it')")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


def test_a_gpus_message_is_cut_to_what_helps():
    error = torch.OutOfMemoryError(
        "CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 139.80 GiB of which 3.00 MiB is "
        "free. Process 506 has 750.00 MiB memory in use. If reserved but unallocated memory is large try setting X."
    )
    assert is_out_of_memory(error)
    assert explain_out_of_memory(error) == (
        "CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 139.80 GiB of which 3.00 MiB is "
        "free: run fewer jobs on the GPU at a time (snakemake --resources gpu=1), end other programs on it (nvidia-smi "
        "names them), or set runtime.device to cpu"
    )
