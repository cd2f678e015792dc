"""The chain from a model's predictions back to the data: files, their bytes, and the jobs that made them."""

from pathlib import Path
from typing import NamedTuple

from multipress.core.errors import UserError
from multipress.evaluation.record import DEPLOYED
from multipress.workflow.provenance.hashes import md5s
from multipress.workflow.provenance.numbers import Model
from multipress.workflow.provenance.record import JobRecord, Record

_OF_ALL_RECIPES = ("evaluate", "export", "pack", "run_exported")


class Link(NamedTuple):
    """A file of a chain."""

    file: str
    depth: int
    """How many jobs lie between it and the end of the chain."""
    md5: str | None
    """The recorded MD5; None where the file was gone by then."""
    found: str
    """State of the file: ``as recorded``, ``other bytes`` or ``missing``; of one without a recorded MD5 ``not kept`` or
    ``made again``."""
    job: JobRecord | None
    """What made it; None for a source."""
    seed: int | None
    """Seed of everything random in the job; None where nothing is."""


def chain(record: Record, model: Model, column: str) -> list[Link]:
    """The files from the evaluation of a model back to the sources, each followed by those that it was made of.

    Args:
        record: The record of the run.
        model: The model.
        column: Of results.csv: those of packed and exported models come from further files.

    Raises:
        UserError: the record names no such model.
    """
    run = {"task": model.task, "arch": model.arch, "seed": str(model.seed)}
    job = next((job for job in record.jobs if job.rule == "evaluate" and job.wildcards == run), None)
    if job is None or model.recipe not in job.settings["recipes"]:
        raise UserError(f"the record of {record.results} names no model {model}")
    depths: dict[str, int] = {}
    for file in job.outputs:
        _follow(record, file, model, column, 0, depths)
    found = md5s(file for file in depths if Path(file).is_file())
    return [_link(record, file, depth, found.get(file)) for file, depth in depths.items()]


def _follow(record: Record, file: str, model: Model, column: str, depth: int, depths: dict[str, int]) -> None:
    """Add a file and all that it was made of, each where it comes first."""
    if file in depths:
        return
    depths[file] = depth
    job = record.makers.get(file)
    for used in _used(job, model, column) if job else []:
        _follow(record, used, model, column, depth + 1, depths)


def _used(job: JobRecord, model: Model, column: str) -> list[str]:
    """The inputs that a number of this model comes from: some jobs have those of its siblings, too."""
    if job.rule not in _OF_ALL_RECIPES:
        return job.inputs
    return [file for file in job.inputs if _is_own(file, model) and (job.rule != "evaluate" or _bears_on(file, column))]


def _is_own(file: str, model: Model) -> bool:
    """Whether a file is of this model, or of no single model."""
    path = Path(file)
    recipes = {"model.safetensors": path.parent.name, ".onnx": path.stem}
    return next((recipe == model.recipe for end, recipe in recipes.items() if file.endswith(end)), True)


def _bears_on(file: str, column: str) -> bool:
    """Whether an input of an evaluation bears on a column of results.csv."""
    if "/packed/" in file:
        return column.startswith("packed_mb")
    return not file.endswith("/exported_logits.safetensors") or column in DEPLOYED


def _link(record: Record, file: str, depth: int, found: str | None) -> Link:
    md5, job = record.files.get(file), record.makers.get(file)
    return Link(file, depth, md5, verdict(md5, found), job, _seed(job))


def verdict(recorded: str | None, found: str | None) -> str:
    """State of a file on the disk, by its recorded MD5 and that found."""
    if recorded is None:
        return "not kept" if found is None else "made again"
    return "missing" if found is None else "as recorded" if found == recorded else "other bytes"


def _seed(job: JobRecord | None) -> int | None:
    if job is None:
        return None
    named = job.wildcards.get("seed")
    if named is not None:
        return int(named)
    sections = (job.settings, job.settings.get("settings") or {})
    return next((values[key] for values in sections for key in ("seed", "sample_seed") if key in values), None)
