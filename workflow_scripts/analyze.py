"""Answer the paper's questions from a run's table of results: ``multipress analyze``, as a job."""

import argparse

from multipress.commands.analyze import Params, add_arguments, analyze
from workflow_scripts._command import add_code, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    add_code(parser)
    run(analyze, Params, parser)
