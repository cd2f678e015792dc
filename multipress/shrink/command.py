"""From one file of labelled texts to the smallest model that is good enough.

Looks at the rows, divides them into train, dev and test, plans what fits into the hours, trains, and names the smallest
(or fastest) model that loses at most so many points on the dev set, with 90 % confidence. The folder --out then has
the configuration, all results, a report, and in deploy/ what it takes to use the model. It can be stopped at any time:
the same command goes on.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import read_json, sha256, write_json
from multipress.core.machine import usable_cpus
from multipress.core.words import some
from multipress.shrink import configuration, deploy, encoder, parts, verdict
from multipress.shrink.answer import Answer, Finished, answer
from multipress.shrink.baselines import Baseline, baselines
from multipress.shrink.candidates import candidates
from multipress.shrink.configuration import Study
from multipress.shrink.encoder import Encoder
from multipress.shrink.findings import findings
from multipress.shrink.long_files import shortened
from multipress.shrink.parts import Parts
from multipress.shrink.plan import Plan, Workload, plan
from multipress.shrink.run import RESULTS, checkpoint, report, run
from multipress.shrink.scores import METRICS
from multipress.shrink.source import SUFFIXES, Kind, Source, read
from multipress.shrink.speed import fastest
from multipress.workflow.followed_run import Say

REQUEST, ANSWER, DATA, DEV, DEPLOY = "request.json", "answer.txt", "data", "dev", "deploy"

_FIXED = ("file", "dev", "text", "label", "kind", "positive", "encoder")
"""Of a request: with others of these it is another study, which needs a folder of its own."""

_CHANGEABLE = ("within", "target", "hours", "metric")
"""Of a request: with others of these the folder's study is planned anew."""


def shrink(arguments: argparse.Namespace, say: Say, show: Say) -> Answer:
    """Look, plan, run, answer; ``say`` takes lines for the user, ``show`` the line that says what is going on now.

    Raises:
        UserError: the user has to change something; the message says what.
        Interrupted: a signal came during the run.
    """
    out: Path = arguments.out
    request = _request(arguments)
    before = _before(out, request)
    encoder.check_name(arguments.encoder)
    divided = _divided(arguments, out)
    metric = _metric(arguments.metric, divided.train.kind)
    found = findings(divided, metric, arguments.within)
    _tell(say, found)
    start = encoder.read(arguments.encoder, encoder.find(arguments.encoder, out), len(divided.train.texts) > 1)
    say(start.describe())
    planned = _planned(arguments, out, start, divided, metric, before == request, say)
    if before != request:
        parts.write(divided, out / DATA)
        written = configuration.write(planned.study, out, planned.plan.rows)
        write_json(out / REQUEST, request | {"plan": planned.note, "configuration": sha256(written)})
        say(f"configuration: {out / configuration.FILE}")
    show("training the baselines")
    beside = baselines(divided)
    run(out, planned.study.task, planned.plan.seconds, usable_cpus(), say, show)
    show("answering")
    finished = Finished(out / RESULTS, planned.study.task, metric, arguments.within, arguments.target)
    return _finish(out, finished, planned.study, divided, beside, found, say)


@dataclass(frozen=True)
class _Planned:
    study: Study
    plan: Plan
    note: dict[str, Any]
    """What the same request takes up again: the speed of another moment would plan something else."""


def _finish(
    out: Path,
    finished: Finished,
    study: Study,
    divided: Parts,
    beside: list[Baseline],
    found: list[str],
    say: Say,
) -> Answer:
    """Answer, write what is to be handed over, and say it."""
    result = answer(finished, divided, beside)
    deploy.write(result, study, found, out / DEPLOY)
    lines = verdict.lines(result)
    (out / ANSWER).write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = report(out)
    _tell(say, ["", *lines, f"deploy   {out / DEPLOY}/: {deploy.MODEL}, {deploy.CARD}, {deploy.EXAMPLE} …"])
    say(f"report   {made}")
    return result


def _tell(say: Say, lines: Sequence[str]) -> None:
    for line in lines:
        say(line)


def _request(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is asked for, and of which bytes."""
    values = {key: getattr(arguments, key) for key in (*_FIXED, *_CHANGEABLE)}
    for key in ("file", "dev"):
        path = values[key]
        if path is not None and not path.is_file():
            raise UserError(f"{path} is no file: correct its path")
        values[key] = None if path is None else {"name": path.name, "sha256": sha256(path)}
    return values


def _before(out: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """The request that the folder was made for, without its plan; None of a new folder.

    Raises:
        UserError: the folder is something else's, or another study's.
    """
    if not (out / REQUEST).exists():
        begun = {DATA, DEV, "encoders", configuration.FILE, *(f"sample{suffix}" for suffix in SUFFIXES)}
        if out.exists() and (not out.is_dir() or {path.name for path in out.iterdir()} - begun):
            raise UserError(f"{out} is there and not of this command: choose another --out")
        return None
    before = read_json(out / REQUEST)
    if differing := [key for key in _FIXED if before.get(key) != request[key]]:
        raise UserError(
            f"{out} was made with another {' and '.join(differing)}: choose another --out, or remove that folder"
        )
    asked = {key: before.get(key) for key in request}
    file = out / configuration.FILE
    written = before.get("configuration")
    if asked != request and written is not None and file.exists() and sha256(file) != written:
        raise UserError(
            f"{file} was edited, and another plan would overwrite it: move it away, or choose another --out"
        )
    return asked


def _divided(arguments: argparse.Namespace, out: Path) -> Parts:
    source = _source(arguments, arguments.file, out, None)
    dev = None
    if arguments.dev is not None:
        dev = _source(arguments, arguments.dev, out / DEV, source)
    return parts.divide(source, dev)


def _source(arguments: argparse.Namespace, file: Path, folder: Path, like: Source | None) -> Source:
    path, said = shortened(file, folder, parts.MOST_ROWS)
    kind, names = (like.rows.kind, like.rows.names) if like else (arguments.kind, None)
    source = read(path, arguments.text, arguments.label, kind, names, arguments.positive)
    source.remarks[:0] = [said] if said else []
    return source


def _metric(asked: str | None, kind: Kind) -> str:
    allowed = METRICS[kind]
    if asked is not None and asked not in allowed:
        raise UserError(f"--metric {asked} does not suit {kind}: use {' or '.join(allowed)}")
    return asked or allowed[0]


def _planned(
    arguments: argparse.Namespace,
    out: Path,
    start: Encoder,
    divided: Parts,
    metric: str,
    is_repeated: bool,
    say: Say,
) -> _Planned:
    train = divided.train
    lengths = encoder.lengths_in_tokens(start, train)
    longest = encoder.row_length(start, lengths)
    if cut := (lengths > longest).mean():
        say(f"rows are cut to {longest} tokens; {cut:.1%} are longer")
    tried, epochs = candidates(start.shape, arguments.target), configuration.epochs_for(len(train))
    note = read_json(out / REQUEST)["plan"] if is_repeated else None
    if note is None:
        size = configuration.batch_size(len(train))
        clipped = lengths.clip(max=longest)
        note = fastest(start.shape, start.vocabulary, clipped, size, (1, usable_cpus()))._asdict()
    else:
        say(f"going on with {out / configuration.FILE}")
    workload = Workload(start.shape, start.vocabulary, len(train), len(divided.dev), epochs, note["rows_per_second"])
    made = plan(tried, workload, arguments.hours)
    if all(checkpoint(out, configuration.task_name(arguments.file), recipe).exists() for recipe in made.seconds):
        say(f"all {len(made.chosen)} models are there: nothing is to be trained")
    else:
        _tell(say, made.describe(workload))
    study = Study(
        source=f"{arguments.file.name} ({some([*arguments.text, arguments.label])})",
        task=configuration.task_name(arguments.file),
        names=train.names,
        is_pair=len(train.texts) > 1,
        metric=metric,
        encoder=start,
        chosen=made.chosen,
        left_out=made.left_out,
        epochs=epochs,
        max_length=longest,
        within=arguments.within,
        target=arguments.target,
        threads=note["threads"],
        max_train_rows=made.rows if made.rows < len(train) else None,
    )
    return _Planned(study, made, note)


def _positive(what: str) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (isfinite(value) and value > 0):
            raise argparse.ArgumentTypeError(f"{text} is no number of {what} above 0")
        return value

    return number


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add = result.add_argument
    add("file", type=Path, metavar="FILE", help="rows: .csv, .tsv, .jsonl or .parquet")
    add("--text", nargs="+", required=True, metavar="COLUMN", help="the column of texts, or the two of pairs")
    add("--label", required=True, metavar="COLUMN", help="the column of labels: words or numbers")
    add("--encoder", metavar="FOLDER", help=f"a BERT's folder, or owner/name on the hub (default: {encoder.DEFAULT})")
    add("--within", type=_positive("points"), default=0.5, metavar="POINTS", help="what may be lost (default: 0.5)")
    add("--target", choices=["size", "latency"], default="size", help="what is to be small (default: %(default)s)")
    add("--hours", type=_positive("hours"), default=2.0, metavar="HOURS", help="time to plan for (default: 2)")
    add("--dev", type=Path, metavar="FILE", help="a dev set of your own; default: a part of the rows")
    add("--kind", choices=list(METRICS), help="what is predicted; default: as the labels look")
    add("--metric", choices=[name for names in METRICS.values() for name in names], help="default: accuracy or pearson")
    add("--positive", metavar="LABEL", help="of two labels that whose F1 counts; default: the second in sorted order")
    add("--out", type=Path, default=Path("shrunk"), metavar="FOLDER", help="for all that is made (default: shrunk/)")
