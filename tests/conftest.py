"""What holds for all tests, and the finished run that several folders of them look at."""

import pytest
import torch

from tests.runs import Workflow, make_repository, write_weather


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
    folder = tmp_path_factory.mktemp("o'run with space")
    make_repository(folder)
    write_weather(folder / "weather")
    done = Workflow(folder)
    process = done.run("all")
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
    return done
