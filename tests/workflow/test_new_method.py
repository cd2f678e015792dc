"""A method is one folder: added to a copy of the repository, it works there, and nothing else changes."""

from pathlib import Path

import pytest

from benchmarks.new_method import SECTION, STEP, add_method, copy_repository, measure, python
from multipress.workflow.environment import ROOT
from multipress.workflow.staleness.rule_graph import add_sources
from tests.runs import CONFIGS


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    work = tmp_path_factory.mktemp("method")
    add_sources(work / "run")
    return measure(work, CONFIGS)


def test_no_file_outside_its_folder_changes_and_no_job_is_stale(counts):
    folder, elsewhere, unchanged, extended, others = counts.values()
    assert folder == 4
    assert (elsewhere, unchanged) == (0, 0)
    assert extended > 0
    assert others == 0


def test_its_models_are_trained_rebuilt_exported_and_packed(tmp_path):
    """The tests that hold every method to its promises find it without a word in them."""
    repository = copy_repository(tmp_path / "repository")
    add_method(repository)
    assert SECTION in (repository / "config.yaml").read_text()
    tests = "tests/unit/compression/test_methods.py"
    chosen = f"{STEP} or scale_weights"
    printed = python(repository, "-m", "pytest", "-p", "no:cacheprovider", tests, "-k", chosen, "--no-header")
    assert " passed" in printed
    assert "failed" not in printed
    assert not (Path(ROOT) / "multipress" / "compression" / "scale_weights").exists()


def test_the_contracts_of_imports_and_the_reference_take_it_in(tmp_path):
    repository = copy_repository(tmp_path / "repository")
    add_method(repository)
    tiny = repository / "tests" / "workflow" / "tiny.yaml"
    tiny.write_text(tiny.read_text().replace("  recipes:\n", f"  recipes:\n    - ft-{STEP}\n"))
    python(repository, "-c", "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])")
    python(repository, "-m", "multipress.documentation")
    reference = {page.name: page.read_text() for page in (repository / "docs/reference").glob("*.md")}
    assert (
        "| [`w<percent>`](#scale_weights) | multiply the encoder's matrices by percent / 100, and train on"
        in (reference["steps.md"])
    )
    assert "## `scale_weights`" in reference["configuration.md"]
    assert "`scale_weights." in reference["reruns.md"]
