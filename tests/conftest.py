"""What holds for all tests, and the finished run that several folders of them look at."""

import os
import shutil
import signal
from pathlib import Path

import pytest
import torch

from tests.runs import RUN_NAME, Workflow, make_run, write_weather

# A shell lets what it starts in the background ignore Ctrl-C, and so would the processes that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# nohup lets them ignore a closed terminal. A handler, other than that, is not inherited, and the tests still go on.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(autouse=True)
def one_thread():
    """More would not pay for models this small, and wait for each other where the cores are busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def workflow(tmp_path):
    """An empty working directory with the user's task in it."""
    write_weather(tmp_path / "weather")
    return Workflow(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A finished run in a repository of its own; its folder has a space and a quote in its name."""
    folder = tmp_path_factory.mktemp("finished") / RUN_NAME
    if made := os.environ.get("MULTIPRESS_TEST_RUN"):  # by make test, for several parts of the suite
        shutil.copytree(Path(made, RUN_NAME), folder)
        return Workflow(folder)
    return make_run(folder)
