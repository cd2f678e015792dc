"""Folders that several files of tests plan in."""

from functools import cache

import pytest

from tests.workflow import graphs


@pytest.fixture(scope="session")
def believed(tmp_path_factory):
    """A function that returns the folder of a study, in which all is made; whoever changes it takes a copy."""
    return cache(lambda name: graphs.believed(tmp_path_factory.mktemp(name), name))
