import pytest

from multipress.code_digest import _imports, _meaning, _sources, digest_of, import_closure, module_digests


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
    _imports.cache_clear()
    _meaning.cache_clear()
    _sources.cache_clear()
    return digest_of(module_digests("workflow_scripts.job", root))


def test_the_closure_holds_what_is_imported_and_nothing_else(root):
    assert set(import_closure("workflow_scripts.job", root)) == {
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
