"""Trace a number of a table back to the data: which predictions, which checkpoint, its parents, which rows.

It reads the run's record, audit.json, and needs no file but that and the tables: what else is missing is marked so.
"""

import argparse
import json
from pathlib import Path

from multipress.core.errors import UserError
from multipress.workflow.provenance.chain import Link, chain, verdict
from multipress.workflow.provenance.hashes import md5s
from multipress.workflow.provenance.numbers import Model, Number, find
from multipress.workflow.provenance.record import NAME, Record, read
from multipress.workflow.results_folder import folder_of

EXAMPLE = """
multipress trace results/tables/table1.csv --row large --column QAT+KD
multipress trace results/tables/results.csv --row rte/mini/seed1/ft-int8
"""


def main(arguments: argparse.Namespace) -> None:
    """Print the chain of each model behind the number."""
    number = find(arguments.table, arguments.row, arguments.column)
    results = folder_of(arguments.table)
    if results is None:
        raise UserError(f"{arguments.table} is in no folder of results: name a table in the folder tables of a run")
    record = read(results / NAME)
    if results.resolve() != Path(record.results).resolve():
        raise UserError(f"{results} was recorded as {record.results}: call this from the folder of which that is true")
    recorded = record.files.get(Path(record.results, "tables", arguments.table.name).as_posix())
    found = verdict(recorded, md5s([number.table])[number.table])
    chains = {model: chain(record, model, number.column) for model in number.models}
    print(_as_json(number, found, record, chains) if arguments.json else _as_text(number, found, record, chains))


def _as_text(number: Number, found: str, record: Record, chains: dict[Model, list[Link]]) -> str:
    lines = [f"{number.table} ({found}): {number.row}, {number.column} = {number.value}"]
    lines += [f"  {line}" for line in number.how]
    changed = f", with changes to {', '.join(record.changed_files)}" if record.changed_files else ""
    commit = record.commit or f"unknown ({record.commit_problem or 'not recorded'})"
    lines.append(f"recorded {record.recorded}, commit {commit}{changed}")
    shown: set[str] = set()
    for model, links in chains.items():
        lines += ["", str(model), *_format_chain(links, shown)]
        shown |= {link.file for link in links}
    return "\n".join(lines)


def _format_chain(links: list[Link], shown: set[str]) -> list[str]:
    """The files of a chain; what made a file is left out if another chain has shown it."""
    lines, known = [], None
    for link in links:
        if known is not None and link.depth > known:
            continue
        known = link.depth if link.file in shown and link.depth else None
        lines += [f"{'  ' * link.depth}← {link.file} (as above)"] if known is not None else _format_link(link)
    return lines


def _format_link(link: Link) -> list[str]:
    indent = "  " * link.depth
    lines = [f"{indent}← {link.file}", f"{indent}    md5 {link.md5 or 'unknown'}, {link.found}"]
    if link.job is None:
        return [*lines, f"{indent}    a source"]
    job = link.job
    seed = "" if link.seed is None else f", seed {link.seed}"
    when = f"{job.seconds} s, finished {job.finished}, commit {(job.commit or 'unknown')[:10]}, code {job.code}"
    return [
        *lines,
        f"{indent}    by {job.name}{seed}: {when}",
        f"{indent}    {json.dumps(job.settings, sort_keys=True)}",
    ]


def _as_json(number: Number, found: str, record: Record, chains: dict[Model, list[Link]]) -> str:
    links = {str(model): [_plain(link) for link in of_model] for model, of_model in chains.items()}
    head = {"recorded": record.recorded, "commit": record.commit, "changed_files": record.changed_files}
    return json.dumps(number._asdict() | {"found": found, "models": links, **head}, indent=2)


def _plain(link: Link) -> dict[str, object]:
    return link._asdict() | {"job": link.job and link.job.model_dump()}


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    result.add_argument("table", type=Path, help="results.csv, summary.csv, table1.csv or table1_per_task.csv of a run")
    result.add_argument("--row", required=True, help="task/arch/seed1/recipe, arch/recipe, arch, or arch/task/method")
    result.add_argument("--column", default="score", help="default: %(default)s")
    result.add_argument("--json", action="store_true", help="all of it as JSON")
