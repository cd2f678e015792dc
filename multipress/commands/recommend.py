"""Name the smallest model within some points of another, or the fastest, as the results measured them.

With --target latency it is the fastest by the latencies that the run measured; --latency-of says of which calls.

With --confidence 0.9 it is the smallest model whose loss is within them with that confidence, by the run's stored
predictions; how much of the doubt is the dev sets', and how many rows would decide about a smaller model, is said.
"""

import argparse
import json
from math import isfinite
from pathlib import Path

import pandas as pd

from multipress.analysis.predictions.limits import Choice, Evaluations, Loss, surest
from multipress.analysis.recommendation import (
    PackedFile,
    Recommendation,
    for_shell,
    recommend,
    trials,
    with_latencies,
)
from multipress.analysis.results_file import OPTIONAL_SIZES
from multipress.commands.results_argument import add_results, read_with_remarks
from multipress.commands.target import Target, target_of
from multipress.core.errors import UserError
from multipress.core.words import change
from multipress.workflow.results_folder import command_for, folder_of

EXAMPLE = """
multipress recommend --results results/tables/results.csv --within 0.5 --of large/ft --size packed_mb
multipress recommend --results results/tables/results.csv --within 0.5 --of large/ft --confidence 0.9
multipress recommend --results results/tables/results.csv --within 0.5 --of large/ft --target latency
"""


def main(arguments: argparse.Namespace) -> None:
    """Print name, size, score, how sure it is where that is asked, and where the packed file lies, or all as JSON."""
    results = read_with_remarks(arguments)
    target = target_of(arguments)
    if target.calls is not None:
        results = with_latencies(results, target.calls)
    candidates = recommend(results, arguments.of, arguments.within, target.column, arguments.task)
    if arguments.confidence is None:
        found, choice = candidates[0], None
    else:
        choice = surest(candidates, _evaluations(arguments, results), arguments.within, arguments.confidence)
        found = choice.model
    shown = _as_json if arguments.json else _as_text
    print(shown(found, choice, target, arguments))


def _as_text(found: Recommendation, choice: Choice | None, target: Target, arguments: argparse.Namespace) -> str:
    lines = [
        f"model   {found.name}",
        f"{target.name:7} {found.size:.3f} {target.unit} ({target.definition})",
        f"score   {found.score:.2f} ({found.score - found.reference:+.2f} against {arguments.of})",
    ]
    if choice:
        lines += _doubts(choice, arguments.within, target)
    if found.packed:
        lines += _where(arguments.results, found.packed)
    if found.left_out:
        lines.append(f"left out: {found.left_out} of the models, which lack a task, a seed or {target.column}")
    return "\n".join(lines)


def _as_json(found: Recommendation, choice: Choice | None, target: Target, arguments: argparse.Namespace) -> str:
    """MB, milliseconds and points of scores and losses; ``packed`` are paths below the folder of results."""
    shown: dict[str, object] = {
        "model": found.name,
        target.name: found.size,
        f"{target.name}_definition": target.definition,
        "score": found.score,
        "of": arguments.of,
        "score_of": found.reference,
        "packed": [str(file) for file in found.packed],
        "left_out": found.left_out,
    }
    if choice:
        shown |= {"loss": choice.loss.value, "loss_at_most": choice.loss.at_most, "confidence": choice.loss.confidence}
    return json.dumps(shown, indent=2)


def _evaluations(arguments: argparse.Namespace, results: pd.DataFrame) -> Evaluations:
    """The predictions of the table's models.

    Raises:
        UserError: the table does not lie in a run's results, or the predictions are not there.
    """
    folder = folder_of(arguments.results)
    if folder is None or not (folder / "evaluations").is_dir():
        raise UserError(
            f"--confidence needs the predictions of a run, a folder evaluations beside that of {arguments.results}; "
            "name the table of a run, or leave --confidence out"
        )
    return Evaluations(folder, arguments.of, trials(results, arguments.task))


def _doubts(choice: Choice, within: float, target: Target) -> list[str]:
    """How sure the choice is, and what would decide about the smallest model that is not sure enough, in lines."""
    lines = [f"change  {_limits(choice.loss)}"]
    if choice.doubtful:
        smallest, loss = choice.doubtful[0]
        lines += [
            f"{target.smaller}, but not sure: {smallest.name} of {smallest.size:.3f} {target.unit} {_limits(loss)}",
            f"what would decide: {_deciding(loss, within)}",
            f"{target.smaller} and not sure: {len(choice.doubtful)} in all; each limit is for its model alone",
        ]
    if choice.loss.n_seeds == 1:
        lines.append("one seed: what another would change is in no limit")
    return lines


def _limits(loss: Loss) -> str:
    return (
        f"{change(loss.value, loss.at_most)} with {loss.confidence:.0%} confidence "
        f"({loss.at_most_by_seeds:z.2f} if dev sets had no end)"
    )


def _deciding(loss: Loss, within: float) -> str:
    """How many rows would decide, the loss being as measured."""
    if loss.is_at(within):
        return "no number of dev rows, if the loss stays as measured: it is what may be lost, to the last digit"
    rows = loss.rows_for(within)
    if rows is None:
        return "no number of dev rows; the seeds alone leave too much doubt"
    needed = ", ".join(f"{task} {count:,} for {loss.rows[task]:,}" for task, count in rows.items())
    return f"{loss.times_more_rows(within):.1f} times the dev rows, if the loss stays as measured ({needed})"


def _where(table: Path, files: list[PackedFile]) -> list[str]:
    """The packed files that are there, those that are not, and how to make them, in lines."""
    folder = folder_of(table)
    if folder is None:
        return [f"packed  not known: {table} does not lie in the folder tables of a run's results"]
    there = [file for file in files if (folder / str(file)).exists()]
    absent = [file for file in files if file not in there]
    lines = [f"packed  {word}" for word in for_shell(folder, there)]
    if absent:
        lines += [f"not there: {word}" for word in for_shell(folder, absent)]
        command = command_for(folder, for_shell(Path(), absent))
        lines.append(f"make: {command or 'run their study again, with its --configfile; its rule pack makes them'}")
    return lines


def _points(text: str) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1.0
    if not (isfinite(points) and points >= 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of points from 0")
    return points


def _confidence(text: str) -> float:
    try:
        confidence = float(text)
    except ValueError:
        confidence = 0.0
    if not 0.5 <= confidence < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0.5 to below 1, such as 0.9")
    return confidence


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_results(result)
    result.add_argument("--within", type=_points, required=True, metavar="POINTS", help="what it may lose at most")
    result.add_argument("--of", required=True, metavar="ARCH/RECIPE", help="the model that it is held to")
    result.add_argument(
        "--size",
        choices=["paper_mb", *OPTIONAL_SIZES],
        help="the definition of size (default: paper_mb)",
    )
    result.add_argument(
        "--target", choices=["size", "latency"], default="size", help="what is to be small (default: %(default)s)"
    )
    result.add_argument(
        "--latency-of",
        metavar="RUNTIME,BATCH,LENGTH",
        help="the calls whose latency counts, such as onnxruntime,1,128 or openvino,32,task (default: the first of "
        "onnxruntime with one row)",
    )
    result.add_argument(
        "--confidence",
        type=_confidence,
        metavar="SHARE",
        help="take the smallest whose loss is within that with this confidence, as far as dev rows and seeds can tell",
    )
    result.add_argument("--task", help="judge by one task; default: the mean over all")
    result.add_argument("--json", action="store_true", help="the answer as JSON")
