"""Answer the paper's questions from a run's table of results: ``multipress analyze``, as a job."""

import argparse

from multipress.commands.analyze import Params, add_arguments
from multipress.commands.analyze import analyze as main
from workflow_scripts._command import add_code, run

__all__ = ["Params", "main"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    add_code(parser)
    run(main, Params, parser)
