"""What a new method costs elsewhere: files touched outside its folder, and jobs of other recipes that become stale.

    python -m benchmarks.new_method
    python -m benchmarks.new_method --configfile config/demo.yaml

A method is really added to a copy of the repository: a folder and a section of config.yaml. Then a run that was
finished before is planned again by the copy, first as it was, then with a recipe of the new method in the study.
"""

import argparse
import ast
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from multipress.workflow.environment import ROOT

NAME, STEP = "scale_weights", "w50"
FOLDER = f"multipress/compression/{NAME}"
FILES = {
    "__init__.py": '"""Step w<percent>: smaller weights."""\n',
    "settings.py": '''"""Scaled weights."""

from multipress.training.settings import LaterSettings


class ScaleWeightsSettings(LaterSettings):
    """Recipe step w<percent>: multiply the encoder's matrices by percent / 100, and train on."""
''',
    "spec.py": '''"""Step w<percent>."""

from multipress.compression.method import Argument, Group, Method
from multipress.compression.scale_weights.settings import ScaleWeightsSettings

SPEC = Method(
    name="scale_weights",
    prefix="w",
    group=Group.STRUCTURE,
    label="SW",
    settings=ScaleWeightsSettings,
    argument=Argument("percent", 1, 99, example=50),
)
''',
    "apply.py": '''"""Scale a model's weights, and train it on."""

import torch

from multipress.compression.scale_weights.settings import ScaleWeightsSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.model.bert import BertClassifier

SETTINGS = ScaleWeightsSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Multiply, train."""
    with torch.no_grad():
        for weight in model.bert.encoder.parameters():
            if weight.ndim == 2:
                weight.mul_(work.argument / 100)
    return Applied(work.train(model))
''',
}
SECTION = f"""
# Recipe step w<percent>: multiply the encoder's matrices, and train on.
{NAME}:
  epochs: 3.0
  batch_size: 32
  learning_rate: null
  learning_rate_factor: 1.0
  warmup_fraction: 0.1
  weight_decay: 0.01
  max_grad_norm: 1.0
  dropout: 0.1
  augment: auto
  epochs_over: own
  objective: auto
"""

_READ_RECIPES = (
    "from pathlib import Path; from multipress.workflow.load import load_files; "
    "print(load_files([Path(name) for name in {files}]).study.recipes)"
)


def copy_repository(folder: Path) -> Path:
    """The project's files in another folder."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and not name.startswith("results/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def add_method(repository: Path) -> None:
    """Add the method's folder and its section of config.yaml."""
    (repository / FOLDER).mkdir()
    for name, text in FILES.items():
        (repository / FOLDER / name).write_text(text, encoding="utf-8")
    with (repository / "config.yaml").open("a", encoding="utf-8") as file:
        file.write(SECTION)


def touched(before: Path, after: Path) -> list[str]:
    """Files of the second repository that are not as in the first, but for the method's folder and its section."""
    files = [path.relative_to(after) for path in after.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    own = {"config.yaml", *(f"{FOLDER}/{name}" for name in FILES)}
    others = [file for file in files if file.as_posix() not in own]
    return [str(file) for file in others if not _same(before / file, after / file)]


def _same(one: Path, other: Path) -> bool:
    return one.exists() and filecmp.cmp(one, other, shallow=False)


def python(repository: Path, *arguments: str) -> str:
    """What a Python of its own prints that imports from a repository.

    Raises:
        SystemExit: it fails; the message is its own.
    """
    environment = os.environ | {"PYTHONPATH": str(repository)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def finish(repository: Path, folder: Path, configfiles: Sequence[str]) -> None:
    """Let Snakemake believe that everything is made in a folder, by the code of a repository."""
    files = ", ".join(f"Path({name!r})" for name in configfiles)
    call = f"pretend_finished(Path({str(folder)!r}), [{files}])"
    module = "multipress.workflow.staleness.pretend"
    python(repository, "-c", f"from pathlib import Path; from {module} import pretend_finished; {call}")


def stale(
    repository: Path, folder: Path, configfiles: Sequence[str], recipes: Sequence[str] | None = None
) -> list[str]:
    """The lines of ``why`` about stale jobs; ``recipes`` are those beside the cross, if others are to be planned."""
    command = ["-m", "multipress", "why", "--directory", str(folder)]
    command += ["--configfile", *configfiles] if configfiles else []
    command += ["--config", f"study={{'recipes': {list(recipes)}}}"] if recipes is not None else []
    return [line for line in python(repository, *command).splitlines() if ":" in line]


def of_other_recipes(lines: Sequence[str], rules: Sequence[str]) -> list[str]:
    """Those of them that make models without the new step."""
    jobs = [line.partition(":")[0] for line in lines]
    return [job for job in jobs if job.split()[0] in rules and STEP not in job.rpartition("/")[2].split("-")]


def measure(work: Path, configfiles: Sequence[str]) -> dict[str, int]:
    """The counts, by what is counted."""
    before, after = copy_repository(work / "before"), copy_repository(work / "after")
    (work / "run").mkdir(exist_ok=True)
    finish(before, work / "run", configfiles)
    add_method(after)
    show = "from multipress.compression.registry import methods; print(list(methods()))"
    rules = ast.literal_eval(python(after, "-c", show))
    named = ast.literal_eval(python(after, "-c", _READ_RECIPES.format(files=list(configfiles))))
    unchanged = stale(after, work / "run", configfiles)
    extended = stale(after, work / "run", configfiles, [*named, f"ft-{STEP}"])
    return {
        "files of the method's folder": len(FILES),
        "files touched elsewhere, but for a section of config.yaml": len(touched(before, after)),
        "jobs that are stale with the method in the package": len(unchanged),
        "jobs that are stale with its recipe in the study": len(extended),
        "of these, jobs that make models of other recipes": len(of_other_recipes(extended, rules)),
    }


def main() -> None:
    """Count, print; exit status 1 where the method reaches beyond its folder."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", nargs="+", default=[], help="over config.yaml, as Snakemake's")
    with tempfile.TemporaryDirectory() as name:
        counts = measure(Path(name), arguments.parse_args().configfile)
    print("| what a new method costs | count |\n|---|---|")
    for what, count in counts.items():
        print(f"| {what} | {count} |")
    _, elsewhere, unchanged, _, others = counts.values()
    sys.exit(1 if elsewhere or unchanged or others else 0)


if __name__ == "__main__":
    main()
