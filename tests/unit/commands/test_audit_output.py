"""What an audit prints, and its exit status."""

import json

import pytest

from multipress.commands import audit
from multipress.workflow.provenance.findings import Check, Difference

PASSED = Check("files", "2 files have the recorded bytes", [])
UNMADE = Check("dvc.lock", "", [], problem="DVC is busy")
FAILED = Check("tables", "", [Difference("results.csv", "1", "2")])


@pytest.mark.parametrize(
    ("checks", "status"), [([PASSED], 0), ([PASSED, UNMADE], 2), ([FAILED, PASSED], 1), ([FAILED, UNMADE], 1)]
)
@pytest.mark.parametrize("show", [audit._print_checks, audit._print_json])
def test_the_status_says_whether_anything_differs_or_could_not_be_asked(show, checks, status):
    assert audit._status(show(checks)) == status


def test_a_check_is_a_line_with_its_differences_below(capsys):
    audit._status(audit._print_checks([PASSED, UNMADE, FAILED]))
    assert capsys.readouterr().out.splitlines() == [
        "files          2 files have the recorded bytes",
        "dvc.lock       NOT CHECKED: DVC is busy",
        "tables         1 difference",
        "    results.csv: expected 1, found 2",
    ]


def test_programs_are_told_the_same(capsys):
    audit._print_json([PASSED, UNMADE, FAILED])
    assert json.loads(capsys.readouterr().out) == [
        {"check": "files", "problem": "", "differences": []},
        {"check": "dvc.lock", "problem": "DVC is busy", "differences": []},
        {"check": "tables", "problem": "", "differences": [{"location": "results.csv", "expected": "1", "found": "2"}]},
    ]
