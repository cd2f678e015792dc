"""What holds for all tests."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """More would not pay for models this small, and wait for each other where the cores are busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
