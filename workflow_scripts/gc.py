"""Show what takes space and is not needed any more; with --yes, remove it.

python -m workflow_scripts.gc                                  beside the paper's results
python -m workflow_scripts.gc --configfile config/demo.yaml    beside the demo's

That is: files of models that the configuration does not name any more, saved states of trainings, and what DVC's cache
holds of no branch, tag, experiment or file of the workspace. What was pushed stays on the remote.
"""

import argparse
from collections import Counter
from pathlib import Path

from multipress.core.errors import UserError
from multipress.workflow.provenance.graph import results_of
from multipress.workflow.provenance.leftovers import Leftover, clear_cache, of_cache, of_results, remove
from multipress.workflow.snakemake_api import LOCKS, plan
from workflow_scripts._command import run_command


def main(arguments: argparse.Namespace) -> None:
    """Show, and remove with ``--yes``."""
    with plan(arguments.configfile, {}) as graph:
        found, results = of_results(graph), results_of(graph)
    cache = of_cache()
    for leftover in found:
        print(f"{_size(leftover.bytes):>10}  {leftover.path}: {leftover.why}")
    for why, size in _summed(cache).items():
        print(f"{_size(size):>10}  {len(cache)} files {why}")
    total = sum(leftover.bytes for leftover in [*found, *cache])
    if not total:
        print("nothing to remove")
    elif not arguments.yes:
        study = "".join(f" CONFIG={file}" for file in arguments.configfile)
        print(f"{_size(total):>10}  in all; nothing is removed yet: make gc{study} YES=1")
    else:
        _check_idle(results)
        remove(found)
        clear_cache()
        print(f"{_size(total):>10}  removed")


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


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="as Snakemake's")
    arguments.add_argument("--yes", action="store_true", help="remove it")
    run_command(main, arguments)
