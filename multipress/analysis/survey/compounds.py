"""Two compressions together: whether their sizes and speed-ups multiply, and whether their losses add up.

Any two whose models stand alone in the results, too: not those of the designed experiment alone, which has its own
statistics. Sizes are those of packed files, speed-ups those of one row in onnxruntime on a CPU.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from multipress.analysis.experiment import with_note_on_seeds
from multipress.analysis.grid import BASELINE
from multipress.analysis.survey.compressed import Compressed, families_of
from multipress.analysis.survey.families import note
from multipress.analysis.survey_tables import COMPOUNDS
from multipress.compression import recipes


class Compound(NamedTuple):
    """A recipe of two compressions, and the recipes of each."""

    recipe: str
    first: str
    second: str


def compounds(compressed: Compressed) -> pd.DataFrame:
    """A row for each architecture and recipe of two compressions whose single ones are in the results.

    ``beyond`` is the change of the score less the sum of the single ones, in points: above 0 where the two lose less
    together than apart.
    """
    study = compressed.study
    names = study.grid.recipes
    pairs = list(_pairs(compressed)) if study.grid.baseline is not None else []
    columns = [[names.index(each) for each in (*pair, BASELINE)] for pair in pairs]

    def contrasts(scores: np.ndarray) -> np.ndarray:
        both, first, second, neither = (scores[..., [each[place] for each in columns]] for place in range(4))
        return both - first - second + neither

    found = compressed.estimated(contrasts) if pairs else {}
    beyond = found.pop("observed", np.empty(0))
    present = {(row, column) for row, _, column, _ in compressed.models}
    rows = [
        {
            **_parts(compressed, arch, pair),
            "change": scores[places[0]] - scores[places[3]],
            "change_sum": scores[places[1]] + scores[places[2]] - 2 * scores[places[3]],
            "beyond": beyond[row, index],
            **{end: values[row, index] for end, values in found.items()},
            "n_tasks": len(study.grid.tasks),
            "n_seeds": study.grid.n_seeds,
            "note": note(study, row, places[:3], found["low"][row, index]),
        }
        for row, (arch, scores) in enumerate(zip(study.grid.archs, study.scores.observed, strict=True))
        for index, (pair, places) in enumerate(zip(pairs, columns, strict=True))
        if (row, places[0]) in present
    ]
    return with_note_on_seeds(study.grid.n_seeds, pd.DataFrame(rows, columns=list(COMPOUNDS.columns)))


def _pairs(compressed: Compressed) -> Iterator[Compound]:
    """Recipes of two compressions of which the results have each alone."""
    names = compressed.study.grid.recipes
    for recipe in names:
        found = [step for step in recipes.steps(recipe, compressed.variants) if step.method.family]
        if len(found) == 2:
            second, first = (recipes.without(recipe, step.name, compressed.variants) for step in found)
            if {first, second} <= set(names):
                yield Compound(recipe, first, second)


def _parts(compressed: Compressed, arch: str, pair: Compound) -> dict[str, Any]:
    """The names, sizes and speeds of a pair."""
    smaller = [compressed.times_smaller(arch, name) for name in pair]
    faster = [compressed.speedup(arch, name) for name in pair]
    steps = recipes.steps(pair.recipe, compressed.variants)
    return {
        "arch": arch,
        **pair._asdict(),
        "families": " + ".join(families_of(steps)),
        "times_smaller": smaller[0],
        "times_smaller_product": smaller[1] * smaller[2],
        "times_smaller_ratio": smaller[0] / (smaller[1] * smaller[2]),
        "speedup": faster[0],
        "speedup_product": faster[1] * faster[2],
        "speedup_ratio": faster[0] / (faster[1] * faster[2]),
    }
