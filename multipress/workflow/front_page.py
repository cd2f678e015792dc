"""What the report's first page says, computed when a report is made and not before."""

import base64
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from multipress.reporting.contents import FIGURES, numbered
from multipress.workflow.configuration import Config

_OF_EXPERIMENT, _OF_OWN_TASKS = "curves", "file_size"
"""The figures that stand below the answer."""

ANSWER_FILE = "answer.txt"
"""What ``multipress shrink`` says at its end, beside the folder of results."""


class LazyText(dict[str, str]):
    """Texts by name, computed when the first is read: only reports read them, and that takes a second."""

    def __init__(self, names: Sequence[str], compute: Callable[[], dict[str, str]]) -> None:
        """Know the names alone."""
        super().__init__(dict.fromkeys(names, ""))
        self._compute = compute

    @cached_property
    def _values(self) -> dict[str, str]:
        return self._compute()

    def __getitem__(self, key: str) -> str:
        """The text of that name."""
        return self._values[key]


def answer(config: Config) -> dict[str, str]:
    """The answer in a sentence, the figure that shows it as the address of an image, where it stands, and details.

    The address has many lines, for docutils reads none of more than 10,000 letters.

    Raises:
        UserError: a table of the results is missing or damaged.
    """
    only_own = config.has_only_own_tasks
    shown = next(figure for figure in FIGURES if figure.name == (_OF_OWN_TASKS if only_own else _OF_EXPERIMENT))
    results = Path(config.results)
    image = base64.encodebytes((results / "figures" / f"{shown.name}.svg").read_bytes()).decode("ascii").strip()
    said = results.parent / ANSWER_FILE
    return {
        "sentence": _sentence_of_own(config) if only_own else _sentence(config),
        "figure": f"data:image/svg+xml;base64,{image}",
        "place": f"{numbered(shown.category, config.parts, only_own)}, {shown.label}",
        "details": said.read_text(encoding="utf-8") if only_own and said.is_file() else "",
    }


def _sentence(config: Config) -> str:
    # Planning starts without them.
    from multipress.analysis import table_files
    from multipress.analysis.tables import INTERACTION_CURVE
    from multipress.reporting.answers import of_experiment

    curves = table_files.read(Path(config.results, "tables", INTERACTION_CURVE.file), INTERACTION_CURVE.columns)
    return of_experiment(curves, config.analyze.confidence)


def _sentence_of_own(config: Config) -> str:
    from multipress.analysis.results_file import read_results
    from multipress.reporting.answers import of_own_tasks

    folder, settings = Path(config.results), config.analyze
    results = read_results(folder / "tables" / "results.csv", in_points=True)
    return of_own_tasks(results, folder, settings.tolerance, settings.confidence, settings.tolerance_kind == "relative")
