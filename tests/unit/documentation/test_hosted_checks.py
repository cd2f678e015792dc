"""The hosted checks are parts of make test and make check, and together all of them."""

import re
import subprocess

import yaml

from multipress.workflow.environment import ROOT

OLD = ["--old-file", ".venv/installed"]


def parts():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    return workflow["jobs"]["part"]["strategy"]["matrix"]["part"]


def test_every_part_is_a_target_of_make():
    done = subprocess.run(["make", "--dry-run", *OLD, *parts()], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_they_are_all_parts_of_the_suite():
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    suite = re.search(r"--output-sync=target (test-[a-z -]+)", rules).group(1).split()
    assert sorted(parts()) == sorted(["check", *suite])
