"""The chain from a model's predictions back to the data: files, their bytes, and the jobs that made them."""

from pathlib import Path
from typing import NamedTuple

from multipress.errors import UserError
from provenance.hashes import md5s
from provenance.numbers import Model
from provenance.record import Job, Record


class Link(NamedTuple):
    """A file of a chain."""

    file: str
    depth: int
    """How many jobs lie between it and the end of the chain."""
    md5: str | None
    """As recorded; None where the file was gone by then."""
    found: str
    """What the disk says: ``as recorded``, ``other bytes``, ``missing``, or ``dropped`` where it was not kept."""
    job: Job | None
    """What made it; None for a source."""
    seed: int | None
    """Of everything random in the job; None where nothing is."""


def chain(record: Record, model: Model) -> list[Link]:
    """The files from the predictions of a model back to the sources, each followed by those that it was made of.

    Raises:
        UserError: the record names no such model.
    """
    run = {"task": model.task, "arch": model.arch, "seed": str(model.seed)}
    job = next((job for job in record.jobs if job.rule == "evaluate" and job.wildcards == run), None)
    if job is None or model.recipe not in job.settings["recipes"]:
        raise UserError(f"the record of {record.results} names no model {model}")
    predictions = next(file for file in job.outputs if file.endswith(".parquet"))
    depths: dict[str, int] = {}
    _follow(record, predictions, model, 0, depths)
    found = md5s(file for file in depths if Path(file).is_file())
    return [_link(record, file, depth, found.get(file)) for file, depth in depths.items()]


def _follow(record: Record, file: str, model: Model, depth: int, depths: dict[str, int]) -> None:
    """Add a file and all that it was made of, each where it comes first."""
    if file in depths:
        return
    depths[file] = depth
    job = record.makers.get(file)
    for used in _used(job, model) if job else []:
        _follow(record, used, model, depth + 1, depths)


def _used(job: Job, model: Model) -> list[str]:
    """The inputs that this model's scores come from: a job that evaluates has those of its siblings, too."""
    if job.rule != "evaluate":
        return job.inputs
    own = f"/models/{model.task}/{model.arch}/seed{model.seed}/{model.recipe}/"
    return [file for file in job.inputs if own in file or "/tokens/" in file or file.endswith("/task.json")]


def _link(record: Record, file: str, depth: int, found: str | None) -> Link:
    md5, job = record.files.get(file), record.makers.get(file)
    if md5 is None:
        verdict = "dropped" if found is None else "other bytes"
    else:
        verdict = "missing" if found is None else "as recorded" if found == md5 else "other bytes"
    return Link(file, depth, md5, verdict, job, _seed(job))


def _seed(job: Job | None) -> int | None:
    if job is None:
        return None
    named = job.wildcards.get("seed")
    if named is not None:
        return int(named)
    places = (job.settings, job.settings.get("settings") or {})
    return next((values[key] for values in places for key in ("seed", "sample_seed") if key in values), None)
