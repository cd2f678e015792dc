"""The miniature models and rows of the unit tests."""

from tests.unit.conftest import model, shape, task, tokens  # noqa: F401 fixtures
