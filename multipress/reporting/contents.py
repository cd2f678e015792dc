"""What the report shows: its figures and its pages of tables, each in a category of the menu and with a label.

Some studies have *parts* that others lack, such as latencies: ``Config.parts`` says which.

Nothing is drawn here, so that planning can import the lists. The captions are files in ``report/``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from multipress.analysis import prediction_tables, survey_tables
from multipress.analysis import tables as analysis
from multipress.core.table import Table
from multipress.dissection import tables as dissection
from multipress.dissection.probes import tables as probes
from multipress.evaluation import tables as evaluation

PRODUCT = "Do they multiply?"
SIZE = "Score and size"
ORDER = "Which first?"
PAPER = "The paper and these results"
STEPS = "Single steps"
ROWS = "Row by row"
TRAININGS = "Trainings"
LATENCY = "Latency"
MODELS = "Every model"
CATEGORIES = (PRODUCT, SIZE, ORDER, PAPER, STEPS, ROWS, TRAININGS, LATENCY, MODELS)
"""In the order of the menu."""

ALL_TABLES = [
    *analysis.TABLES,
    *prediction_tables.TABLES,
    prediction_tables.LOST_ROWS,
    *survey_tables.TABLES,
    *evaluation.TABLES,
    *dissection.TABLES,
    *probes.TABLES,
]
"""Every table that a page shows."""


@dataclass(frozen=True)
class Part:
    """The tables of a part of the report that not every study has."""

    measured: Sequence[Table]
    """Those of models and rows."""
    concluded: Sequence[Table] = ()
    """Those that follow from them."""

    @property
    def tables(self) -> list[Table]:
        """Both."""
        return [*self.measured, *self.concluded]


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "latency": Part([evaluation.LATENCY]),
        "exits": Part([evaluation.EXITS]),
        "floors": Part([evaluation.FLOORS]),
        "dissection": Part(dissection.MEASURED, [dissection.CLAIMS]),
        "probes": Part([probes.PROBES], [probes.PROBE_CLAIMS]),
        "lost_rows": Part([prediction_tables.LOST_ROWS]),
    }
)
"""By name, in the order in which models are made, read and judged."""

OF_THE_PAPER = (PRODUCT, PAPER)
"""Those that a study of the user's own tasks alone does not ask."""


@dataclass(frozen=True)
class Figure:
    """A figure of the report."""

    name: str
    """Name of its files without their endings."""
    rule: str
    """The rule that draws it."""
    category: str
    label: str
    of_the_paper: bool = False
    """Whether it repeats a figure of the paper."""
    part: str = ""
    """The part of a report that it belongs to; empty: every study has it."""

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
    part: str = ""
    """The part of a report that it belongs to; empty: every study has it."""

    @property
    def caption(self) -> str:
        """Name of the file with its caption."""
        return f"page_{self.name}.rst"

    @property
    def tables(self) -> list[Table]:
        """The tables on the page, from top to bottom."""
        return [table for table in ALL_TABLES if table.page == self.name]


FIGURES = [
    Figure("figure1", "plot", SIZE, "Mean over tasks (Figure 1)", of_the_paper=True),
    Figure("per_task", "plot", SIZE, "Task by task"),
    Figure("file_size", "plot", SIZE, "Size of the file that runs"),
    Figure("curves", "plot_analysis", PRODUCT, "Sizes at equal score"),
    Figure("interaction", "plot_analysis", PRODUCT, "The paper's rule, and scores"),
    Figure("pareto", "plot_analysis", ORDER, "Pareto front"),
    Figure("scorecard", "plot_analysis", PAPER, "Numbers and claims"),
    Figure("kd_gain", "plot_analysis", STEPS, "Gain from distillation"),
    Figure("sparsity_bits", "plot_analysis", STEPS, "What sparsity and bits change"),
    Figure("compute", "plot", STEPS, "Score and training compute"),
    Figure("families", "compare_families", STEPS, "Families: size, speed and loss"),
    Figure("dissection", "plot_dissection", STEPS, "Layer by layer: hidden states", part="dissection"),
    Figure("probes", "plot_probes", STEPS, "What layers still know", part="probes"),
    Figure("changes", "plot_changes", ROWS, "Rows lost and won"),
    Figure("training_loss", "plot_training", TRAININGS, "Losses"),
    Figure("training_score", "plot_training", TRAININGS, "Dev scores"),
    Figure("latency", "plot_latency", LATENCY, "Score and latency", part="latency"),
    Figure("exits", "plot", LATENCY, "Score and layers passed", part="exits"),
]

PAGES = [
    Page("interaction", PRODUCT, "At equal score, and interactions"),
    Page("table1", PRODUCT, "Table 1: the paper's rule"),
    Page("ranking", ORDER, "Rankings and Pareto front"),
    Page("paper", PAPER, "Numbers and claims"),
    Page("effects", STEPS, "Effects"),
    Page("families", STEPS, "Families and compounds"),
    Page("changes", ROWS, "Changes and significance"),
    Page("models", MODELS, "Scores and sizes"),
    Page("latency", LATENCY, "Every model", part="latency"),
    Page("exits", LATENCY, "Early exits", part="exits"),
    Page("floors", MODELS, "Models without an encoder", part="floors"),
    Page("dissection", STEPS, "Layer by layer", part="dissection"),
    Page("probes", STEPS, "What layers still know", part="probes"),
    Page("lost_rows", ROWS, "Which rows are lost", part="lost_rows"),
]


def figures_of(rule: str, parts: Collection[str]) -> list[Figure]:
    """The figures that a rule draws for a study of these parts."""
    return [figure for figure in FIGURES if figure.rule == rule and _is_in(figure, parts)]


def pages(parts: Collection[str], only_own: bool = False) -> list[Page]:
    """The pages of a report of these parts; of the user's own tasks alone it asks none of the paper's questions."""
    return [page for page in PAGES if _is_in(page, parts) and is_shown(page, only_own)]


def _is_in(shown: Figure | Page, parts: Collection[str]) -> bool:
    return not shown.part or shown.part in parts


def is_shown(shown: Figure | Page, only_own: bool) -> bool:
    """Whether a report shows it, be it of the user's own tasks alone or not."""
    return not (only_own and (shown.category in OF_THE_PAPER or getattr(shown, "of_the_paper", False)))


def numbered(category: str, parts: Collection[str], only_own: bool = False) -> str:
    """The category as the menu shows it, which sorts by names; those in which nothing is shown have no number."""
    every: list[Figure | Page] = [*FIGURES, *PAGES]
    filled = {each.category for each in every if _is_in(each, parts) and is_shown(each, only_own)}
    shown = [name for name in CATEGORIES if name in filled]
    return f"{shown.index(category) + 1}. {category}"


def headings(shown: list[Page]) -> dict[str, list[tuple[str, str]]]:
    """The headings and names of each page's tables, by the page's name."""
    return {page.name: [(table.heading, table.name) for table in page.tables] for page in shown}


def first_columns() -> dict[str, tuple[str, ...]]:
    """The columns that pages show first, by the table's name."""
    return {table.name: table.first for table in ALL_TABLES}
