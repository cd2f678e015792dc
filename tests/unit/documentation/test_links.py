"""Links that mkdocs does not see: from README and its neighbours, and pages that code and configuration name."""

import re

import pytest

from multipress.workflow.environment import ROOT
from tests.runs import git

NAMING = (".py", ".smk", ".yaml", ".yml", ".toml", "Makefile", "Snakefile", ".sh")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert target.startswith("https://") or (ROOT / target).is_file(), target


def test_readme_is_one_screen():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 100


def test_pages_that_code_names_are_there():
    found = {}
    for name in git(ROOT, "ls-files").splitlines():
        if name.endswith(NAMING) and (ROOT / name).is_file():
            for page in re.findall(r"docs/[\w/-]+\.md\b", (ROOT / name).read_text(encoding="utf-8")):
                found.setdefault(page, name)
    assert len(found) > 5
    assert {page: name for page, name in found.items() if not (ROOT / page).is_file()} == {}
