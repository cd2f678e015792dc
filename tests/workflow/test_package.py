"""The package: a wheel, in a fresh environment with just what it asks for, called far from a checkout."""

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution, distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from multipress.analysis.paper import REFERENCE, read_paper
from multipress.commands.verbs import VERBS
from multipress.deployment.predictor import load
from tests import model_forms
from tests.runs import ROOT, git
from tests.unit.analysis.cases import MULTIPLICATIVE, results
from tests.unit.workflow.test_snakemake_api import imported

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-deps", "--no-index"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the files that git has, or would take."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
    command = [*PIP, "wheel", *OFFLINE, "--no-build-isolation", "--wheel-dir", folder, folder / "source"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


class Environment:
    """A fresh environment with the wheel, and what it asks for with some extras: links to what is installed here."""

    def __init__(self, folder, wheel, extras):
        venv.create(folder, with_pip=False)
        self.programs = folder / "bin"
        command = [*PIP, "--python", self.programs / "python", "install", *OFFLINE, wheel]
        subprocess.run(list(map(str, command)), check=True)
        self.packages = next(folder.glob("lib/python*/site-packages"))
        (own,) = distributions(name="multipress", path=[str(self.packages)])
        for name in _asked_for(own, extras):
            _link(distribution(name), self.packages)

    def call(self, cwd, *words):
        """The command of the package, where nothing else can be found."""
        plain = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(cwd), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            ["multipress", *map(str, words)], cwd=cwd, env=plain, capture_output=True, text=True, check=False
        )


def _asked_for(own, extras):
    """Names of all distributions that this one needs with these extras, and those need, and so on."""
    seen, waiting = set(), [("multipress", extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        needing = own if name == "multipress" else distribution(name)
        for needed in map(Requirement, needing.requires or []):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(needed.name), further) for further in ("", *needed.extras)]
    return {name for name, _ in seen} - {"multipress"}


def _link(installed, folder):
    tops = {file.parts[0] for file in installed.files if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        if not (folder / top).exists():
            (folder / top).symlink_to(Path(installed.locate_file(top)).resolve())


@pytest.fixture(scope="module")
def base(wheel, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("base"), wheel, [])


@pytest.fixture(scope="module")
def with_analysis(wheel, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("analysis"), wheel, ["analysis"])


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("forms"))


def test_the_wheel_has_the_package_and_the_papers_numbers_and_nothing_else(wheel):
    files = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    code = {str(path.relative_to(ROOT)) for path in (ROOT / "multipress").rglob("*.py")}
    numbers = {str(path.relative_to(ROOT)) for path in REFERENCE.iterdir()}
    assert files == code | numbers
    assert len(numbers) == 5


def test_the_base_is_small(base):
    links = {path.name for path in base.packages.iterdir() if path.is_symlink()}
    assert {"numpy", "onnxruntime", "tokenizers"} <= links
    assert not links & {"torch", "transformers", "snakemake", "dvc", "pandas", "pyarrow"}


def test_every_library_that_is_imported_comes_with_an_extra(base):
    (own,) = distributions(name="multipress", path=[str(base.packages)])
    known, brought = packages_distributions(), _asked_for(own, ["workflow", "openvino", "shrink"])
    for file in [*(ROOT / "multipress").rglob("*.py"), *(ROOT / "workflow_scripts").glob("*.py")]:
        for name in {name.partition(".")[0] for name in imported(file)} - sys.stdlib_module_names:
            if name not in ("multipress", "workflow_scripts"):
                assert brought & set(map(canonicalize_name, known[name])), (file, name)


def test_the_base_predicts_with_an_onnx_file(base, forms, tmp_path):
    (tmp_path / "texts.txt").write_text("".join(f"{text}\n" for text in model_forms.texts(40)))
    done = base.call(tmp_path, "predict", "--model", forms.onnx, "--tokenizer", forms.tokenizer, "texts.txt")
    assert (done.returncode, done.stderr) == (0, "")
    expected = load(forms.onnx, forms.tokenizer).predict(model_forms.texts(40))
    assert done.stdout.splitlines() == [f"{each.label}\t{each.probability:.4f}" for each in expected]


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        (["analyze", "--help"], "pandas", "analysis"),
        (["reference", "--output-dir", "answers"], "pandas", "analysis"),
        (["trace", "table.csv", "--row", "large"], "", "workflow"),
    ],
)
def test_the_base_says_what_other_verbs_need(base, tmp_path, words, module, extra):
    done = base.call(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"multipress {words[0]}: error: this needs {module}")
    assert done.stderr.endswith(f"which is not installed: pip install 'multipress[{extra}]'\n")


def test_the_base_has_a_doctor(base, tmp_path):
    done = base.call(tmp_path, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nbase         complete: numpy " in done.stdout
    assert "\ntorch        missing pyarrow, torch, zstandard: pip install 'multipress[torch]'\n" in done.stdout


@pytest.mark.parametrize("form", ["folder", "packed"])
def test_the_base_says_what_models_of_pytorch_need(base, forms, tmp_path, form):
    done = base.call(tmp_path, "predict", "--model", getattr(forms, form), "--tokenizer", forms.tokenizer)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.endswith("pip install 'multipress[torch]'\n")


def test_with_pytorch_it_predicts_with_all_models(wheel, forms, tmp_path):
    with_torch = Environment(tmp_path / "torch", wheel, ["torch"])
    (tmp_path / "texts.txt").write_text("ein Wort\n")
    for model in (forms.folder, forms.packed):
        done = with_torch.call(tmp_path, "predict", "--model", model, "--tokenizer", forms.tokenizer, "texts.txt")
        assert (done.returncode, done.stderr) == (0, "")
        (expected,) = load(model, forms.tokenizer).predict(["ein Wort"])
        assert done.stdout == f"{expected.label}\t{expected.probability:.4f}\n"


def test_the_extra_of_the_workflow_has_all_that_its_verbs_import(wheel, tmp_path):
    with_workflow = Environment(tmp_path / "workflow", wheel, ["workflow"])
    imports = "".join(f"import multipress.commands.{name}\n" for name in VERBS)
    done = subprocess.run(
        [with_workflow.programs / "python", "-c", imports], cwd=tmp_path, env={"HOME": str(tmp_path)}, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("verb", ["audit", "why", "restore", "gc", "report", "demo"])
def test_verbs_that_look_at_rules_say_that_they_want_a_checkout(base, tmp_path, verb):
    done = base.call(tmp_path, verb)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"multipress {verb}: error: this looks at the rules of a checkout")


def test_analyze_answers_with_the_papers_numbers(with_analysis, tmp_path):
    table = read_paper().results()
    table.to_csv(tmp_path / "anywhere.csv", index=False)
    done = with_analysis.call(
        tmp_path, "analyze", "--results", "anywhere.csv", "--output-dir", "answers", "--params", '{"draws": 100}'
    )
    assert done.returncode == 0, done.stderr
    assert "QAT" in (tmp_path / "answers" / "claims.csv").read_text()
    assert (tmp_path / "answers" / "paper_comparison.csv").stat().st_size > 0


def test_recommend_names_a_model(with_analysis, tmp_path):
    results(MULTIPLICATIVE).to_csv(tmp_path / "anywhere.csv", index=False)
    of = ["--of", "big/ft", "--within", "5"]
    done = with_analysis.call(tmp_path, "recommend", "--results", "anywhere.csv", *of)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("model   ")


def test_the_module_is_the_command(base, tmp_path):
    done = subprocess.run(
        [base.programs / "python", "-m", "multipress", "--version"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == base.call(tmp_path, "--version").stdout
