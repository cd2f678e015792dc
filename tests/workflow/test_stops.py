"""A signal to Snakemake stops a run as a whole: states saved, no process and no lock left, ready to go on."""

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time

import psutil
import pytest

from multipress.workflow.snakemake_api import LOCKS
from tests.runs import ROOT

CONFIGS = ["config/demo.yaml", "tests/workflow/stops.yaml"]
SEEDS = (1, 2)
TARGETS = [f"results/synthetic/models/rte/nano/seed{seed}/ft/model.safetensors" for seed in SEEDS]
SECONDS = 120
"""No test waits for so long, unless something is wrong."""

# Put into every interpreter: the first step after some saved states takes fifteen seconds.
LONG_STEP = """
import importlib.util, os, sys, time
from pathlib import Path

def exec_module(module):
    load(module)
    update, begun = module.Optimizer.step, time.monotonic()
    def step(self):
        update(self)
        if time.monotonic() - begun > 2:
            Path(os.environ["LONG_STEPS"], str(os.getpid())).touch()
            time.sleep(15)
    module.Optimizer.step = step

class LongStep:
    def find_spec(self, name, path, target=None):
        if name != "multipress.training.optimizer":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        global load
        load, spec.loader.exec_module = spec.loader.exec_module, exec_module
        return spec

sys.meta_path.insert(0, LongStep())
"""


class Run:
    """Runs in one folder, each going on from where the one before was stopped."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / "results" / "synthetic"
        self.terminal = None
        self.process = None

    def start(self, *prefix, **environment):
        """Start Snakemake in a group of its own; the steps from which its trainings go on, once they have gone on."""
        pipe = subprocess.PIPE
        return self._start(prefix, environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, process_group=0)

    def start_on_terminal(self):
        """Start Snakemake as the first process of a terminal, whose other end is ``terminal``."""
        self.terminal, own = os.openpty()

        def take():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        before = self._start((), {}, stdin=own, stdout=own, stderr=own, start_new_session=True, preexec_fn=take)
        os.close(own)
        return before

    def _start(self, prefix, environment, **options):
        before = self.steps
        command = [*prefix, sys.executable, "-m", "snakemake", *TARGETS, "--cores", "2", "--rerun-incomplete"]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder), "--show-failed-logs"]
        command += ["--quiet", "rules", "--configfile", *[str(ROOT / name) for name in CONFIGS]]
        # The tests themselves may run under nohup.
        command = ["/usr/bin/env", "--default-signal=HUP", *command]
        self.process = subprocess.Popen(command, text=True, env=os.environ | environment, **options)
        self.wait_for_states(before)
        for seed, log in zip(SEEDS, self.logs(), strict=True):
            assert not before[seed] or f"resuming at step {before[seed]} of" in log
        self.family = [self.head, *self.head.children(recursive=True)]
        return before

    @property
    def head(self):
        return psutil.Process(self.process.pid)

    def trainings(self):
        """Those that the shells wait for, and those that the worker has forked for them."""
        return [
            process
            for process in self.family
            if "workflow_scripts.train_step" in process.cmdline() or _is_worker(process.parent())
        ]

    def shells(self):
        return [process for process in self.family if "trap" in " ".join(process.cmdline())]

    def wait_for_states(self, before):
        self.wait(lambda: all(self.steps[seed] > before[seed] for seed in SEEDS))

    def wait(self, condition):
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            if self.terminal and select.select([self.terminal], [], [], 0)[0]:
                os.read(self.terminal, 10_000)
            time.sleep(0.05)

    @property
    def steps(self):
        """The last saved step of each training."""
        scratch = self.results / "scratch"
        found = {seed: scratch.glob(f"rte-nano-seed{seed}-ft/*/*.json") for seed in SEEDS}
        return {seed: max((int(file.stem) for file in files), default=0) for seed, files in found.items()}

    def logs(self):
        return [(self.results / f"logs/finetune/rte/nano/seed{seed}/ft.log").read_text() for seed in SEEDS]

    def check_stopped(self, number):
        """Wait for the end: with one line that says why, and nothing left but the states."""
        printed, said = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == 1, said
        assert said.splitlines()[-1] == (
            f"multipress: stopped by {number.name}: no job runs any more; run the same command again, and it goes on"
        )
        assert "Traceback" not in said + printed
        assert "Error" not in said + printed
        self.check_nothing_is_left()

    def check_nothing_is_left(self):
        assert not [process for process in self.family if is_alive(process)]
        assert not list((self.folder / LOCKS).glob("*"))
        assert not [target for target in TARGETS if (self.folder / target).exists()]

    def check_states_are_saved(self):
        for seed, log in zip(SEEDS, self.logs(), strict=True):
            step = re.search(r"SIG\w+ received after step (\d+) of \d+: its state is saved", log)
            assert step, log
            assert self.steps[seed] == int(step.group(1))

    def kill(self):
        """End what a failed test left."""
        if self.process and self.process.poll() is None:
            for process in [*self.head.children(recursive=True), self.head]:
                process.kill()
            self.process.wait()


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("stops"))


@pytest.fixture
def run(shared):
    yield shared
    shared.kill()


def _is_worker(process):
    return "multipress.workflow.worker.server" in process.cmdline()


def alone(process, number):
    process.send_signal(number)


def group(process, number):
    os.killpg(process.pid, number)


def twice(process, number):
    group(process, number)
    time.sleep(0.2)
    alone(process, number)


# A closed terminal sends SIGHUP to the group; SIGTERM to Snakemake alone ends other tests.
@pytest.mark.parametrize(
    ("send", "number"),
    [(alone, signal.SIGHUP), (group, signal.SIGTERM), (group, signal.SIGINT), (twice, signal.SIGINT)],
)
def test_the_run_stops_as_a_whole_and_goes_on(run, send, number):
    run.start()
    send(run.process, number)
    run.check_stopped(number)
    run.check_states_are_saved()


def test_a_closed_terminal_stops_the_run(run):
    run.start_on_terminal()
    for process in run.shells():
        process.send_signal(signal.SIGHUP)
    run.wait_for_states(run.steps)
    assert all(map(is_alive, run.family)), "a shell that dies of it leaves its script alone"
    os.close(run.terminal)
    run.terminal = None
    assert run.process.wait(SECONDS) != 0
    run.check_nothing_is_left()
    run.check_states_are_saved()


def test_under_nohup_the_run_outlives_a_closed_terminal(run):
    run.start("nohup")
    group(run.process, signal.SIGHUP)
    run.wait_for_states(run.steps)
    assert all(process.is_running() for process in run.family)
    alone(run.process, signal.SIGTERM)
    run.check_stopped(signal.SIGTERM)
    run.check_states_are_saved()


def test_a_long_step_is_given_up_and_the_last_state_stays(run, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(LONG_STEP)
    marks = tmp_path / "steps"
    marks.mkdir()
    run.start(PYTHONPATH=str(tmp_path), LONG_STEPS=str(marks))
    run.wait(lambda: len(list(marks.iterdir())) == len(SEEDS))
    before = run.steps
    alone(run.process, signal.SIGTERM)
    run.check_stopped(signal.SIGTERM)
    assert run.steps == before
    assert all("SIGTERM: no time to save; the last saved state stays" in log for log in run.logs())


def test_a_job_that_does_not_answer_is_killed(run):
    run.start()
    for process in run.trainings():
        process.suspend()
    before = run.steps
    alone(run.process, signal.SIGTERM)
    run.check_stopped(signal.SIGTERM)
    assert run.steps == before
    run.start()  # it goes on from there
    alone(run.process, signal.SIGTERM)
    run.check_stopped(signal.SIGTERM)
