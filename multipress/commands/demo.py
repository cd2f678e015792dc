"""Run the whole graph on synthetic tasks and miniature BERTs, some minutes on two cores, then report and audit it.

It writes results/synthetic/ in the checkout. A second call finds nothing to do; an interrupted one goes on where it
stopped.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from multipress.commands.live_line import live_line
from multipress.workflow.environment import ROOT
from multipress.workflow.followed_run import Progress, run_all

EXAMPLE = "multipress demo"

EXIT_STATUS = "0, all is made, and as recorded where that can be asked; otherwise that of the part that failed"

CONFIG = "config/demo.yaml"
RESULTS = Path("results", "synthetic")
_NOT_ASKED = 2
"""Status of an audit in which a check could not be made."""


def main(arguments: argparse.Namespace) -> None:
    """Run, report, audit where anything was made since the last audit, recommend, and name what was made."""
    os.chdir(ROOT)
    _make()
    _require(_multipress("report", "--configfile", CONFIG, "--results", str(RESULTS)))
    print(flush=True)
    _audit()
    print("\nThe smallest file whose model is within one point of the uncompressed milli:", flush=True)
    table = str(RESULTS / "tables" / "results.csv")
    _require(_multipress("recommend", "--results", table, "--within", "1", "--of", "milli/ft", "--size", "packed_mb"))
    print(f"\nReport  {RESULTS}/report.html: all figures and tables in one file")
    print(f"Figures {RESULTS}/figures/: figure1, interaction, pareto, scorecard … as .svg, .pdf, .png")
    print(f"Tables  {RESULTS}/tables/: results, table1, interaction, claims … as .csv")


def _make() -> None:
    """Run the graph. On a terminal a line says what is going on, and a log has all that Snakemake says."""
    words = ["--profile", "local", "--configfile", CONFIG]
    if not sys.stdout.isatty():
        _require(_call("snakemake", "all", *words))
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    with live_line() as (say, show):
        run_all(words, Path(), RESULTS / "run.log", Progress({}), say, show)


def _audit() -> None:
    audited, record = RESULTS / "logs" / "audited", RESULTS / "audit.json"
    if audited.exists() and _time(audited) > _time(record):
        print(f"Nothing was made since the last audit; this asks again: make audit CONFIG={CONFIG}")
        return
    print("Is that what was made, and made by this configuration and code?", flush=True)
    status = _multipress("audit", "--configfile", CONFIG)
    if status == _NOT_ASKED:
        print("What is NOT CHECKED could not be asked here; all is made.")
        return
    _require(status)
    audited.touch()


def _time(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def _multipress(*arguments: str) -> int:
    return _call("multipress", *arguments)


def _call(module: str, *arguments: str) -> int:
    """Exit status of a module of this Python, which is given the time to end by itself when this command is ended."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])
    try:
        return process.wait()
    except KeyboardInterrupt:  # of the terminal, which sends it to both
        process.wait()
        raise
    except SystemExit:  # by SIGTERM or SIGHUP, which may have been for this process alone
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise


def _require(status: int) -> None:
    """End with the status of a part that failed and has said why."""
    if status:
        sys.exit(status if status > 0 else 128 - status)


def add_arguments(result: argparse.ArgumentParser) -> None:
    """There are none."""
