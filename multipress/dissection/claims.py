"""What is said of pruned models' representations (Movva and Zhao 2020), asked of every compressed model here.

Each claim is about one number of a model and its dense parent. Dense parents of two seeds give the same number for no
compression at all: the noise floor, the largest magnitude among their pairs. Beyond it in all seeds there is a verdict.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from multipress.dissection.tables import CLAIMS, COMPRESSED

YES, NO, CAN_NOT_TELL = "yes", "no", "can't tell"

_PAIR = ["task", "arch", "recipe", "seed", "kind", "against", "against_seed", "layer", "against_layer"]


def _third(values: np.ndarray) -> int:
    """How many layers are the upper ones, and how many the lower ones."""
    return max(1, len(values) // 3)


def _upper(values: np.ndarray) -> float:
    return float(values[-_third(values) :].mean()) if len(values) > 1 else np.nan


def _lower(values: np.ndarray) -> float:
    return float(values[: _third(values)].mean()) if len(values) > 1 else np.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean())


@dataclass(frozen=True)
class Claim:
    """A statement about a number of a model's layers, the embeddings left out."""

    text: str
    measure: str
    """Column of the table."""
    quantity: str
    """The number in words; what is more than the floor speaks for the claim."""
    number: Callable[[np.ndarray], float]
    """From the measure's differences by layer, the lowest first."""
    is_sameness: bool = False
    """Whether it says that something stays: then staying below the floor speaks for it."""

    def verdict(self, numbers: np.ndarray, floor: float) -> str:
        """From the numbers of all seeds."""
        if np.isnan(numbers).any() or np.isnan(floor):
            return CAN_NOT_TELL
        if self.is_sameness:
            within, beyond = (numbers <= floor).all(), (numbers > floor).all()
        else:
            within, beyond = (numbers > floor).all(), (numbers < -floor).all()
        return YES if within else NO if beyond else CAN_NOT_TELL


_SIMILARITIES = ("cka", "cka_standardized", "pwcca")

_BELOW = "{} of the upper third of layers below the parent's, as a power of two"
_ABOVE = "{} of the lower third of layers above the parent's, as a power of two"
_APART = "1 - {}: upper third of layers less lower third"

CLAIMS_ASKED = [
    *(
        Claim("higher layers diverge most", name, _APART.format(name), lambda values: _upper(values) - _lower(values))
        for name in _SIMILARITIES
    ),
    *(
        Claim("higher layers become simpler", name, _BELOW.format(name), lambda values: -_upper(values))
        for name in ("participation_ratio", "two_nn")
    ),
    *(
        Claim("lower layers become more complex", name, _ABOVE.format(name), _lower)
        for name in ("participation_ratio", "two_nn")
    ),
    Claim(
        "attention stays", "divergence", "Jensen-Shannon divergence in bits, mean over layers", _mean, is_sameness=True
    ),
]


def claims(similarity: pd.DataFrame, attention: pd.DataFrame, complexity: pd.DataFrame) -> pd.DataFrame:
    """A row for each compressed model, seeds together, and claim.

    Args:
        similarity: The tables of the rule ``dissect``.
        attention: The same.
        complexity: The same.
    """
    measures = {
        **{name: _differences(similarity, 1 - similarity[name]) for name in _SIMILARITIES},
        **{name: _powers(similarity, complexity, name) for name in ("participation_ratio", "two_nn")},
        "divergence": _differences(attention, attention["divergence"]),
    }
    models = similarity.loc[similarity["kind"] == COMPRESSED, ["task", "arch", "recipe", "against"]].drop_duplicates()
    rows = [
        {**model, **_judged(claim, measures[claim.measure], **model)}
        for model in models.to_dict("records")
        for claim in CLAIMS_ASKED
    ]
    return pd.DataFrame(rows, columns=list(CLAIMS.columns))


def _differences(table: pd.DataFrame, difference: pd.Series) -> pd.DataFrame:
    """By pair of layers, the embeddings left out, how far they are apart."""
    notes = table["note"] if difference.name == "pwcca" else ""
    found = table[_PAIR].assign(difference=difference, note=notes)
    return found[found["layer"] > 0]


def _powers(pairs: pd.DataFrame, complexity: pd.DataFrame, measure: str) -> pd.DataFrame:
    """By pair of layers the ratio of their complexities, as a power of two."""
    of_layer = complexity.set_index(["task", "arch", "recipe", "seed", "layer"])[measure]
    ours, theirs = (
        of_layer.reindex(pd.MultiIndex.from_frame(pairs[list(names)])).to_numpy(float)
        for names in (
            ("task", "arch", "recipe", "seed", "layer"),
            ("task", "arch", "against", "against_seed", "against_layer"),
        )
    )
    return _differences(pairs, pd.Series(np.log2(ours / theirs), index=pairs.index))


def _judged(claim: Claim, table: pd.DataFrame, task: str, arch: str, recipe: str, against: str) -> dict[str, object]:
    of_task = table[(table["task"] == task) & (table["arch"] == arch) & (table["against"] == against)]
    own = of_task[of_task["recipe"] == recipe]
    numbers = np.array([claim.number(values) for values in _by_pair(own)])
    same_layers = of_task[(of_task["recipe"] == against) & of_task["against_layer"].isin(own["against_layer"])]
    floors = np.array([claim.number(values) for values in _by_pair(same_layers)])
    floor = float(np.abs(floors).max()) if len(floors) else np.nan
    note = _note(own, len(floors), numbers)
    return {
        "claim": claim.text,
        "measure": claim.measure,
        "verdict": CAN_NOT_TELL if note else claim.verdict(numbers, floor),
        "estimate": numbers.mean(),
        "low": numbers.min(),
        "high": numbers.max(),
        "floor": floor,
        "n_seeds": len(numbers),
        "n_pairs": len(floors),
        "quantity": claim.quantity,
        "note": note,
    }


def _by_pair(table: pd.DataFrame) -> Iterator[np.ndarray]:
    """The differences of each pair of models, by layer."""
    for _, pair in table.groupby(["seed", "against_seed"], sort=False):
        yield pair.sort_values("layer")["difference"].to_numpy(float)


def _note(own: pd.DataFrame, pairs: int, numbers: np.ndarray) -> str:
    """Why there is no verdict whatever the numbers are; empty if there may be one."""
    if not pairs:
        return "one seed: nothing says how far dense parents differ"
    if own["layer"].nunique() < 2 and np.isnan(numbers).any():
        return "one layer is neither an upper nor a lower one"
    unknown = "not known of every layer" if np.isnan(numbers).any() else ""
    return next((note for note in own["note"] if note), unknown)
