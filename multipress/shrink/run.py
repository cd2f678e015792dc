"""Run the study by Snakemake, with a line for each job that is done and an estimate of the rest."""

from collections.abc import Mapping
from pathlib import Path

from multipress.core.errors import UserError
from multipress.shrink.configuration import FILE
from multipress.shrink.encoder import ARCH
from multipress.workflow.environment import ROOT
from multipress.workflow.followed_run import Progress, Say, follow, run_all
from multipress.workflow.report_file import being_made
from multipress.workflow.results_folder import command_of_report

LOG = "run.log"
RESULTS = "results"
REPORT = "report.html"


def run(out: Path, task: str, expected: Mapping[str, float], threads: int, say: Say, show: Say) -> None:
    """Make all that is not made yet.

    Args:
        out: The study's folder, with its configuration.
        task: Its task.
        expected: Seconds of each recipe.
        threads: CPUs.
        say: Takes a line for the user.
        show: Takes the line that says what is going on now.

    Raises:
        UserError: a job failed, or the study cannot be planned.
        Interrupted: the user stopped it; what is made is kept.
    """
    left = {recipe: seconds for recipe, seconds in expected.items() if not checkpoint(out, task, recipe).exists()}
    progress = Progress(left, out, only_recipes=True)
    words = ["--cores", str(threads), "--snakefile", str(ROOT / "Snakefile"), "--profile", str(ROOT / "local")]
    run_all([*words, "--configfile", FILE], out, out / LOG, progress, say, show)


def checkpoint(out: Path, task: str, recipe: str) -> Path:
    """A model's weights."""
    return out / RESULTS / "models" / task / ARCH / "seed1" / recipe / "model.safetensors"


def report(out: Path) -> Path:
    """Write the report of a finished run, one HTML file.

    Raises:
        UserError: it could not be made.
    """
    with being_made(out / REPORT) as file:
        command = command_of_report(Path(file.name), [Path(FILE)])
        status, errors = follow(command, out, out / LOG, lambda line: None)
        if status:
            raise UserError(f"{out / REPORT} could not be made: {errors[0] if errors else f'see {out / LOG}'}")
    return out / REPORT
