"""Tests of a machine with a GPU: ``pytest tests/gpu`` there; elsewhere they are skipped."""

import pytest
import torch


def pytest_collection_modifyitems(items):
    if not torch.cuda.is_available():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="no GPU"))
