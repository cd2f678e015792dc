"""What the report shows: its figures and its pages of tables, each in a category of the menu and with a label.

Nothing is drawn here, so that planning can import the lists. The captions are files in ``report/``.
"""

from dataclasses import dataclass

from multipress.analysis import prediction_tables
from multipress.analysis import tables as analysis
from multipress.core.table import Table
from multipress.evaluation import tables as evaluation

PRODUCT = "1. Do they multiply?"
SIZE = "2. Score and size"
ORDER = "3. Which first?"
PAPER = "4. The paper and these results"
STEPS = "5. Single steps"
ROWS = "6. Row by row"
TRAININGS = "7. Trainings"
LATENCY = "8. Latency"
MODELS = "9. Every model"


@dataclass(frozen=True)
class Figure:
    """A figure of the report."""

    name: str
    """Name of its files without their endings."""
    rule: str
    """The rule that draws it."""
    category: str
    label: str

    @property
    def caption(self) -> str:
        """Name of the file with its caption."""
        return f"{self.name}.rst"


@dataclass(frozen=True)
class Page:
    """A page of tables of the report."""

    name: str
    """Name of its file without the ending."""
    category: str
    label: str

    @property
    def caption(self) -> str:
        """Name of the file with its caption."""
        return f"page_{self.name}.rst"

    @property
    def tables(self) -> list[Table]:
        """The tables on the page, from top to bottom."""
        return [
            table
            for table in [*analysis.TABLES, *prediction_tables.TABLES, *evaluation.TABLES]
            if table.page == self.name
        ]


FIGURES = [
    Figure("figure1", "plot", SIZE, "Mean over tasks (Figure 1)"),
    Figure("per_task", "plot", SIZE, "Task by task"),
    Figure("file_size", "plot", SIZE, "Size of the file that runs"),
    Figure("curves", "plot_analysis", PRODUCT, "Sizes at equal score"),
    Figure("interaction", "plot_analysis", PRODUCT, "The paper's rule, and scores"),
    Figure("pareto", "plot_analysis", ORDER, "Pareto front"),
    Figure("scorecard", "plot_analysis", PAPER, "Numbers and claims"),
    Figure("kd_gain", "plot_analysis", STEPS, "Gain from distillation"),
    Figure("sparsity_bits", "plot_analysis", STEPS, "Cost of sparsity and bits"),
    Figure("compute", "plot", STEPS, "Score and training compute"),
    Figure("changes", "plot_changes", ROWS, "Rows lost and won"),
    Figure("training_loss", "plot_training", TRAININGS, "Losses"),
    Figure("training_score", "plot_training", TRAININGS, "Dev scores"),
    Figure("latency", "plot_latency", LATENCY, "Score and latency"),
]

PAGES = [
    Page("interaction", PRODUCT, "At equal score, and interactions"),
    Page("table1", PRODUCT, "Table 1: the paper's rule"),
    Page("ranking", ORDER, "Rankings and Pareto front"),
    Page("paper", PAPER, "Numbers and claims"),
    Page("effects", STEPS, "Effects"),
    Page("changes", ROWS, "Changes and significance"),
    Page("models", MODELS, "Scores and sizes"),
]
"""Pages of every report."""

LATENCY_PAGE = Page("latency", LATENCY, "Every model")
"""The page of a report for which latencies were measured."""


def figures_of(rule: str) -> list[Figure]:
    """The figures that a rule draws."""
    return [figure for figure in FIGURES if figure.rule == rule]


def pages(with_latency: bool) -> list[Page]:
    """The pages of a report."""
    return [*PAGES, LATENCY_PAGE] if with_latency else PAGES


def headings(shown: list[Page]) -> dict[str, list[tuple[str, str]]]:
    """The headings and names of each page's tables, by the page's name."""
    return {page.name: [(table.heading, table.name) for table in page.tables] for page in shown}
