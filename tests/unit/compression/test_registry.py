"""Folders of methods that do not fit: one line each, before anything is planned."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "multipress"
SPEC = """
from multipress.compression.finetune.settings import FinetuneSettings
from multipress.compression.method import Group, Method

SPEC = Method(name="{name}", prefix="{prefix}", group=Group.SPARSITY, label="{label}", settings=FinetuneSettings)
"""


@pytest.fixture
def multipress(tmp_path):
    return Path(shutil.copytree(PACKAGE, tmp_path / "multipress"))


def found(package):
    code = "from multipress.compression.registry import methods; print(*methods())"
    return subprocess.run([sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=False)


def add(package, applied=True, **changes):
    folder = package / "compression" / "shrink"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "spec.py").write_text(SPEC.format(**({"name": "shrink", "prefix": "sh", "label": "SH"} | changes)))
    if applied:
        (folder / "apply.py").touch()


def test_a_folder_with_a_spec_is_a_method(multipress):
    before = found(multipress).stdout.split()
    add(multipress)
    assert set(found(multipress).stdout.split()) == {*before, "shrink"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"applied": False}, "shrink/ has spec.py and no apply.py: write how a model gets the step"),
        ({"name": "grow"}, "shrink/spec.py is called 'grow': give both the same name"),
        ({"prefix": "s2"}, "the method shrink has the prefix 's2': use small letters alone"),
        ({"prefix": "mp"}, "several methods have the prefix 'mp': choose others"),
        ({"label": "KD"}, "several methods have the label 'KD': choose others"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(multipress, changes, message):
    add(multipress, **changes)
    finished = found(multipress)
    assert finished.returncode != 0
    assert finished.stderr.splitlines()[-1] == f"ValueError: {message}"
