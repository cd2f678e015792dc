"""Remake every table and figure of a published run from its folder alone: without models, rows or PyTorch.

python -m workflow_scripts.remake docs/results/data/paper --output-dir remade

The tables go into remade/tables, the figures into remade/figures, by the scripts of the rules that made them first.
"""

import argparse
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from multipress.analysis.paper import REFERENCE
from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.core.validation import explain
from multipress.dissection.probes.tables import PROBE_CLAIMS, PROBES
from multipress.dissection.tables import CLAIMS
from multipress.evaluation.results_table import write_summary
from multipress.evaluation.tables import EXITS, LATENCY
from multipress.workflow.publication import METRICS, SETTINGS, Publication
from workflow_scripts import (
    analyze,
    compare_families,
    compare_predictions,
    plot,
    plot_analysis,
    plot_changes,
    plot_dissection,
    plot_latency,
    plot_probes,
    plot_training,
    summarize_run,
    tabulate_probes,
)
from workflow_scripts._command import add_paths, run_command


def main(arguments: argparse.Namespace) -> None:
    """Make tables and figures, and put them in their place once they are whole."""
    run, output = Publication(arguments.folder), arguments.output_dir
    with TemporaryDirectory() as made:
        remake_tables(run, Path(made))
        remake_figures(run, Path(made))
        for file in filter(Path.is_file, Path(made).rglob("*")):
            _copy(file, output / file.relative_to(made))
    print(f"tables and figures are in {output}/tables and {output}/figures")


def remake_tables(run: Publication, output: Path) -> None:
    """Write the tables and metrics.json; those of trainings come with their figures.

    Raises:
        UserError: a file of the published run is missing or damaged, or one cannot be written.
    """
    tables, variants = output / "tables", _variants(run)
    for file in [run.results, *(file for part in run.parts for file in run.measured(part))]:
        _copy(file, tables / file.name)
    results, summary = tables / "results.csv", tables / "summary.csv"
    write_summary(results, summary, variants)
    _make(analyze, run, results=results, in_points=False, output_dir=tables, reference=REFERENCE)
    compared = {name: tables / f"{name}.csv" for name in ("changes", "significance")}
    _make(compare_predictions, run, predictions=run.predictions, **compared)
    if "probes" in run.parts:
        probes = tables / PROBES.file
        _make(tabulate_probes, run, models=[probes], probes=probes, claims=tables / PROBE_CLAIMS.file)
    made = {"ratios": "table1", "interactions": "interaction", "curves": "interaction_curve"}
    sources = {option: tables / f"{name}.csv" for option, name in made.items()}
    _make(summarize_run, run, summary=summary, **sources, output=output / METRICS)


def remake_figures(run: Publication, output: Path) -> None:
    """Write the figures from tables that ``remake_tables`` wrote, and the table of trainings.

    Raises:
        UserError: a file of the published run is missing or damaged, or one cannot be written.
    """
    tables, figures = output / "tables", output / "figures"
    results, summary = tables / "results.csv", tables / "summary.csv"
    exits = tables / EXITS.file if "exits" in run.parts else None
    _make(plot, run, results=results, summary=summary, exits=exits, figures=figures)
    _make(plot_analysis, run, tables=tables, figures=figures)
    _make(plot_changes, run, changes=tables / "changes.csv", figures=figures)
    _make(plot_training, run, histories=[run.histories], figures=figures, summary=tables / "training.csv")
    latencies = [tables / LATENCY.file] if "latency" in run.parts else []
    compared = {name: tables / f"{name}.csv" for name in ("families", "compounds")}
    _make(compare_families, run, results=results, latencies=latencies, **compared, figures=figures)
    if "dissection" in run.parts:
        _make(plot_dissection, run, tables=tables, claims=tables / CLAIMS.file, figures=figures)
    if "probes" in run.parts:
        _make(plot_probes, run, probes=tables / PROBES.file, figures=figures)
    if latencies:
        _make(plot_latency, run, latencies=latencies[0], summary=summary, figures=figures)


def _make(script: ModuleType, run: Publication, **paths: Any) -> None:
    """Do what a rule's script does, with the settings that the rule gave it."""
    rule = script.__name__.rpartition(".")[2]
    settings = run.settings(rule)
    if "variants" in script.Params.model_fields:  # which more rules have come to know than the run's
        settings = {"variants": _variants(run)} | settings
    try:
        params = script.Params.model_validate_json(json.dumps(settings))
    except ValidationError as error:
        raise UserError(explain(error, script.Params, f"{run.folder / SETTINGS}: {rule}")) from None
    script.main(params, argparse.Namespace(**paths))


def _variants(run: Publication) -> dict[str, str]:
    """The steps that variants in recipes vary."""
    found: dict[str, str] = run.settings("tabulate").get("variants", {})
    return found


def _copy(file: Path, target: Path) -> None:
    if not file.is_file():
        raise UserError(f"{file} is missing: restore it or publish the run again")
    with replacing(target) as temporary:
        shutil.copyfile(file, temporary)


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("folder", type=Path, help="the published run")
    add_paths(result, output_dir="folder of tables and figures")
    return result


if __name__ == "__main__":
    run_command(main, _arguments())
