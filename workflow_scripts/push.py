"""Push a recorded run to DVC's remote. Files that an interrupted push left cut are removed there and sent anew.

python -m workflow_scripts.push                                  the paper
python -m workflow_scripts.push --configfile config/demo.yaml    the demo
"""

import argparse
import subprocess
import sys
from pathlib import Path

from multipress.errors import UserError
from provenance.graph import plan, results_of
from provenance.remote import remove_cut
from provenance.versioning import study_of
from workflow_scripts._command import run_command


def main(arguments: argparse.Namespace) -> None:
    """Mend what an earlier call left, then push."""
    with plan(arguments.configfile, {}) as dag:
        stage = study_of(results_of(dag)).stage
    if cut := remove_cut(arguments.remote):
        print(f"{len(cut)} files were cut by an interrupted push; they are sent anew")
    command = [sys.executable, "-m", "dvc", "push", stage]
    command += ["--remote", arguments.remote] if arguments.remote else []
    if subprocess.run(command, check=False).returncode:
        raise UserError(f"dvc push {stage} did not complete (see above); mend that and repeat this command")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="as Snakemake's")
    arguments.add_argument("--remote", help="as dvc push's; default: DVC's default remote")
    run_command(main, arguments)
