"""From one file of labelled texts to the smallest model that is good enough.

Looks at the rows, divides them into train, dev and test, plans what fits into the hours, trains, and names the smallest
(or fastest) model that loses at most so many points on the dev set, with 90 % confidence. The folder --out then has
the configuration, all results, a report, and in deploy/ what it takes to use the model. It can be stopped at any time:
the same command goes on.
"""

import argparse

from multipress.commands.live_line import live_line
from multipress.shrink.command import add_arguments, shrink

EXAMPLE = "multipress shrink reviews.csv --text review --label stars --encoder FOLDER --within 0.5"

EXIT_STATUS = "0, done; 1, a mistake, said in one line; 2, a mistake on the command line; 143 or 130, stopped"

__all__ = ["add_arguments"]


def main(arguments: argparse.Namespace) -> None:
    """Look, plan, run, answer."""
    with live_line() as (say, show):
        shrink(arguments, say, show)
