"""Do sizes multiply in the paper's own Figure 1? Its rule, the same where scores add up, and the distance of curves.

The paper's numbers come with this project: nothing else is needed. docs/explanation/do-they-multiply.md explains it.
"""

import argparse

import pandas as pd

from multipress.analysis.claims import claims
from multipress.analysis.experiment import Experiment
from multipress.analysis.paper import Paper, read_paper
from multipress.analysis.reference_check import QUANTITIES, READINGS, reference_check
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.table_files import write
from multipress.core.command_line import add_paths
from multipress.reporting.figures.reference import multiply
from multipress.reporting.figures.style import save
from multipress.reporting.settings import PlotSettings

EXAMPLE = "multipress reference --output-dir answers"

NAME = "do-they-multiply"
"""Of the files, without their endings."""

_HEADINGS = {
    "rule": "the rule of Table 1, applied to Figure 1",
    "rule_if_additive": "  the same, if scores add up",
    "curves": "distance of the curves in Figure 1",
    "curves_if_additive": "  the same, if scores add up",
}


def main(arguments: argparse.Namespace) -> None:
    """Print the table, and write it and the figure."""
    paper, settings = read_paper(), AnalyzeSettings()
    table = reference_check(paper, settings)
    print("\n".join([*lines(table), "", *lines_of_claims(paper, table, settings)]))
    write(arguments.output_dir / f"{NAME}.csv", table)
    save(multiply(table), arguments.output_dir / NAME, PlotSettings().dots_per_inch)
    print(f"written to {arguments.output_dir}: {NAME}.csv, .svg, .pdf, .png")


def lines(table: pd.DataFrame) -> list[str]:
    """The table for a terminal, a line for each quantity."""
    return [
        "times smaller, over the product of the single methods; 1: sizes multiply",
        _line("", table["combination"]),
        _line("Table 1 of the paper, as printed", table["printed"].map("{:.2f}".format)),
        *(_line(_HEADINGS[name], table[name].map("{:.2f}".format)) for name in QUANTITIES),
        f"where 95 % of {READINGS} other readings of the digitized figure lie:",
        *(_line(_HEADINGS[name], _ends(table, name)) for name in QUANTITIES),
    ]


def lines_of_claims(paper: Paper, table: pd.DataFrame, settings: AnalyzeSettings) -> list[str]:
    """The paper's claims for a terminal: the number of Table 1, that of the curves, and what scores that add up leave.

    The last is the one over the other of the table's rows of curves; single methods have none.
    """
    of_paper = claims(Experiment.of(paper.results(), settings.model_copy(update={"draws": 100})), paper)
    left = dict(zip(table["combination"], table["curves"] / table["curves_if_additive"], strict=True))
    rows = [
        _claim_line(
            claim["claim"],
            f"{claim['paper']:.2f}",
            f"{claim['paper_curve']:.2f}",
            _left(str(claim["claim"]), left),
        )
        for claim in of_paper.to_dict("records")
    ]
    return [_claim_line("the paper's claims; the number by", "its Table 1", "its curves", "over additive"), *rows]


def _left(claim: str, left: dict[str, float]) -> str:
    """What is left of a claim about one combination, whose name comes first."""
    value = left.get(claim.split()[0])
    return "" if value is None else f"{value:.2f}"


def _claim_line(claim: str, *cells: str) -> str:
    return (f"{claim:<45}" + "".join(f"{cell:>15}" for cell in cells)).rstrip()


def _line(heading: str, cells: pd.Series) -> str:
    return f"{heading:<41}" + "".join(f"{cell:>12}" for cell in cells)


def _ends(table: pd.DataFrame, name: str) -> pd.Series:
    low, high = (table[f"{name}_{end}"].map("{:.2f}".format) for end in ("low", "high"))
    return low + "-" + high


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_paths(result, output_dir="folder for the table and the figure")
