"""Show what takes space and is not needed any more; with --yes, remove it.

That is: files of models that the configuration does not name any more, saved states of trainings, and what DVC's cache
holds of no branch, tag, experiment or file of the workspace. What was pushed stays on the remote.
"""

import argparse
import shlex
import sys
from collections import Counter
from pathlib import Path

from multipress.commands.study_arguments import add_configfile
from multipress.core.errors import UserError
from multipress.workflow.pasted_commands import make, stands_in_root
from multipress.workflow.provenance.graph import results_of
from multipress.workflow.provenance.leftovers import Leftover, clear_cache, of_cache, of_results, remove
from multipress.workflow.snakemake_api import LOCKS, plan

EXAMPLE = """
multipress gc                                  # beside the paper's results
multipress gc --configfile config/demo.yaml    # beside the demo's
"""


def main(arguments: argparse.Namespace) -> None:
    """Show, and remove with ``--yes``."""
    with plan(arguments.configfile, {}) as graph:
        found, results = of_results(graph), results_of(graph)
    cache = _of_cache()
    for leftover in found:
        left = f"; left alone: {leftover.spared}" if leftover.spared else ""
        print(f"{_size(leftover.bytes):>10}  {leftover.path}: {leftover.why}{left}")
    for why, size in _summed(cache).items():
        print(f"{_size(size):>10}  {len(cache)} files {why}")
    total = sum(leftover.bytes for leftover in [*found, *cache] if not leftover.spared)
    if not total:
        print("nothing to remove")
    elif not arguments.yes:
        print(f"{_size(total):>10}  in all; nothing is removed yet: {_with_yes(arguments.configfile)}")
    else:
        _check_idle(results)
        remove(found)
        if cache:
            clear_cache(cache)
        print(f"{_size(total):>10}  removed")


def _of_cache() -> list[Leftover]:
    """What DVC's cache has too much; nothing, with a line that says why, where that cannot be told."""
    try:
        return of_cache()
    except UserError as error:
        print(f"DVC's cache is left alone: {error}")
        return []


def _with_yes(configfiles: list[Path]) -> str:
    """The command that removes what was shown, to be pasted."""
    if stands_in_root():
        return make("gc", configfiles, YES="1")
    return shlex.join([*sys.orig_argv, "--yes"])


def _summed(leftovers: list[Leftover]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for leftover in leftovers:
        sums[leftover.why] += leftover.bytes
    return sums


def _check_idle(results: str) -> None:
    """No run may be under way: it would miss its states.

    Raises:
        UserError: Snakemake has locked the folder.
    """
    if any(LOCKS.glob("*")):
        raise UserError(f"a run is under way ({LOCKS}): wait for it before you remove anything of {results}")


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.2f} MB"


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_configfile(result)
    result.add_argument("--yes", action="store_true", help="remove it")
