import subprocess
import sys

import pytest

from multipress.core.errors import UserError
from multipress.workflow.code.digest import (
    _followed,
    _imports,
    _module_path,
    _read,
    closure_digest,
    import_closure,
    module_digests,
)
from multipress.workflow.code.records import CodeRecords


@pytest.fixture
def root(tmp_path):
    files = {
        "workflow_scripts/__init__.py": "",
        "workflow_scripts/job.py": "from multipress import used\nfrom multipress.package.deep import VALUE\n",
        "multipress/__init__.py": '"""Text."""\n',
        "multipress/used.py": "import multipress.package.other as other\n\ndef f():\n    return 1\n",
        "multipress/unused.py": "X = 1\n",
        "multipress/package/__init__.py": "",
        "multipress/package/deep.py": "VALUE = 1\n",
        "multipress/package/other.py": "import torch\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def digest(root):
    _followed.cache_clear()
    _imports.cache_clear()
    _read.cache_clear()
    _module_path.cache_clear()
    return closure_digest(module_digests(["workflow_scripts.job"], root))


def test_the_closure_holds_what_is_imported_and_nothing_else(root):
    assert set(import_closure(["workflow_scripts.job"], root)) == {
        "workflow_scripts",
        "workflow_scripts.job",
        "multipress",
        "multipress.used",
        "multipress.package",
        "multipress.package.deep",
        "multipress.package.other",
    }


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("multipress/used.py", "import multipress.package.other as other\n\ndef f():\n    return 2\n"),
        ("multipress/package/deep.py", "VALUE = 2\n"),
        ("multipress/package/other.py", "import torch\nX = 1\n"),
    ],
)
def test_a_change_of_meaning_changes_the_digest(root, file, text):
    before = digest(root)
    (root / file).write_text(text)
    assert digest(root) != before


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "multipress/used.py",
            '"""New."""\nimport multipress.package.other as other\n\n\ndef f():\n    """New."""\n    return (1)\n',
        ),
        ("multipress/package/deep.py", "# A comment\nVALUE = 1  # another\n'''Its text.'''\n"),
        ("multipress/unused.py", "X = 2\n"),
    ],
)
def test_comments_docstrings_layout_and_other_modules_change_nothing(root, file, text):
    before = digest(root)
    (root / file).write_text(text)
    assert digest(root) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('X = Field(1, ge=0, description="Old.")\n', 'X = Field(1, ge=0, description="New.")\n'),
        ('to.add_argument("--x", help="old")\n', 'to.add_argument("--x", help="new")\n'),
        ('add_paths(to, x="old")\n', 'add_paths(to, x="new")\n'),
    ],
)
def test_documentation_in_arguments_is_no_code(root, before, after):
    (root / "multipress/used.py").write_text(before)
    told = digest(root)
    (root / "multipress/used.py").write_text(after)
    assert digest(root) == told
    (root / "multipress/used.py").write_text(
        after.replace("to.", "also.").replace("(to", "(also").replace("ge=0", "ge=1")
    )
    assert digest(root) != told


def test_what_a_job_does_not_come_to_is_left_out(root):
    whole = import_closure(["workflow_scripts.job"], root)
    assert set(whole) - set(import_closure(["workflow_scripts.job"], root, ("multipress.package.other",))) == {
        "multipress.package.other"
    }


LAZY = """
def __getattr__(name):
    if name == "lazy":
        from multipress.unused import X
        return X
    raise AttributeError(name)
"""


@pytest.mark.parametrize(
    ("line", "follows"),
    [
        ("from multipress.package import deep", False),
        ("import multipress.package.deep as deep", True),
        ("from multipress import lazy", True),
        ("import multipress", True),
        ("import multipress as renamed", True),
        ("import multipress.package.deep", True),
    ],
)
def test_what_a_package_imports_only_when_asked_counts_for_those_who_may_ask(root, line, follows):
    (root / "multipress/__init__.py").write_text(LAZY)
    (root / "multipress/used.py").write_text(f"{line}\n")
    digest(root)
    assert ("multipress.unused" in import_closure(["workflow_scripts.job"], root)) == follows


def test_what_a_package_imports_at_once_counts_for_all(root):
    (root / "multipress/__init__.py").write_text("from multipress.unused import X\n" + LAZY)
    digest(root)
    assert "multipress.unused" in import_closure(["workflow_scripts.job"], root)


def test_a_package_that_asks_itself_is_followed_to_an_end(root):
    (root / "multipress/__init__.py").write_text(LAZY.replace("multipress.unused import X", "multipress import lazy"))
    (root / "multipress/used.py").write_text("from multipress import lazy\n")
    assert digest(root)


def test_a_waiting_import_in_a_module_that_is_no_package_counts(root):
    (root / "multipress/used.py").write_text(LAZY)
    digest(root)
    assert "multipress.unused" in import_closure(["workflow_scripts.job"], root)


@pytest.mark.parametrize(
    "line",
    [
        "from . import unused",
        "from .unused import X",
        "from multipress.unused import *",
        "import importlib",
        "__import__('x')",
    ],
)
def test_an_import_that_cannot_be_followed_is_refused(root, line):
    (root / "multipress/used.py").write_text(line + "\n")
    with pytest.raises(UserError, match=r"used\.py.* so that edits are noticed"):
        digest(root)


def test_records_tell_what_a_digest_stands_for(root, tmp_path):
    records = CodeRecords(root, tmp_path / "code")
    digested = records.digest("job")
    assert CodeRecords.is_digest(digested)
    assert CodeRecords(root, tmp_path / "code").read(digested) is None
    records.write()
    modules = CodeRecords(root, tmp_path / "code").read(digested)
    assert modules == module_digests(["workflow_scripts.job"], root)
    assert "multipress/used.py" in modules


PARSED = """
import ast, sys
from pathlib import Path
from multipress.workflow.code.records import CodeRecords
parsed, parse = [], ast.parse
ast.parse = lambda text: parsed.append(text) or parse(text)
print(CodeRecords(Path(sys.argv[1]), Path(sys.argv[2])).digest("job"), parsed)
"""


def test_a_later_process_parses_those_modules_alone_that_were_edited(root, tmp_path):
    records, edited = CodeRecords(root, tmp_path / "code"), root / "multipress/used.py"
    digested, text = digest(root), edited.read_text()
    records.digest("job")
    records.write()

    def later():
        command = [sys.executable, "-c", PARSED, str(root), str(tmp_path / "code")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(" ", 1)

    edited.write_text("X = 9\n")
    other, parsed = later()
    assert (other == digested, parsed) == (False, "['X = 9\\n']\n")
    edited.write_text(text)
    assert later() == [records.digest("job"), "[]\n"]
    file = tmp_path / "code" / "parsed.json"
    for written in ("{", "[1]", '{"modules": [[1]], "seal": ""}', file.read_text().replace("deep", "other", 1)):
        file.write_text(written)
        again, parsed = later()
        assert (again, "VALUE = 1" in parsed) == (records.digest("job"), True)
