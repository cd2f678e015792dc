"""What the package asks for, by extra: against packaging's reading of the same texts, and cases with a known answer."""

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from multipress.core import installed
from multipress.workflow.environment import ROOT


def expected(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = {"base": project["dependencies"], **project["optional-dependencies"]}
    read = {extra: [Requirement(text) for text in texts] for extra, texts in extras.items()}
    others = {extra: [each for each in texts if each.name != "multipress"] for extra, texts in read.items()}
    return {extra: texts for extra, texts in others.items() if texts}


def test_a_checkout_asks_for_what_its_pyproject_says():
    found, wanted = installed.by_extra(ROOT), expected(ROOT)
    assert {extra: [package.name for package in packages] for extra, packages in found.items()} == {
        extra: [each.name for each in texts] for extra, texts in wanted.items()
    }
    for extra, packages in found.items():
        for package, text in zip(packages, wanted[extra], strict=True):
            assert str(text.specifier) == (f">={package.at_least}" if package.at_least else "")
            assert package.is_there == text.specifier.contains(Version(version(package.name)), prereleases=True)


METADATA = """Metadata-Version: 2.4
Name: multipress
Version: 9.9
Requires-Dist: numpy
Requires-Dist: dvc[ssh]
Provides-Extra: torch
Requires-Dist: torch>=2.13; extra == "torch"
Requires-Dist: no-such-package; extra == 'torch'
Requires-Dist: multipress[torch]; extra == "dev"
"""


def test_elsewhere_the_installed_package_says_what_it_asks_for(tmp_path, monkeypatch):
    (tmp_path / "multipress-9.9.dist-info").mkdir()
    (tmp_path / "multipress-9.9.dist-info" / "METADATA").write_text(METADATA)
    monkeypatch.syspath_prepend(tmp_path)
    assert installed.by_extra(tmp_path) == {
        "base": [installed.Package(name, None, version(name)) for name in ("numpy", "dvc")],
        "torch": [
            installed.Package("torch", "2.13", version("torch")),
            installed.Package("no-such-package", None, None),
        ],
    }


def test_no_checkout_and_no_package_ask_for_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "_OWN", "no-such-package")
    assert installed.by_extra(tmp_path) == {}


@pytest.mark.parametrize(
    ("at_least", "here", "is_there"),
    [
        (None, "0.1", True),
        (None, None, False),
        ("2.13", "2.13.0+cpu", True),
        ("2.13", "2.9.1", False),
        ("9.27", "10", True),
        ("5", "5.0rc1", True),
    ],
)
def test_a_package_is_there_in_a_version_that_will_do(at_least, here, is_there):
    package = installed.Package("torch", at_least, here)
    assert package.is_there == is_there
    assert ("at least" in str(package)) == (here is not None and not is_there)


def test_packages_unlike_the_lock_are_named_with_both_versions(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"numpy=={version('numpy')}\nno-such-package==1.2\npydantic==0.1\n")
    assert installed.unlike_lock(lock) == ["no-such-package missing (1.2)", f"pydantic {version('pydantic')} (0.1)"]
    lock.write_text(f"torch=={version('torch').partition('+')[0]}\n")
    assert installed.unlike_lock(lock) == []
