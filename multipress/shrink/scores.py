"""Scores of predictions on one set of rows, and how sure they are: 90 % confidence throughout."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from multipress.analysis.predictions.limits import Loss
from multipress.analysis.predictions.paired import Answers, Resampling, answers, difference
from multipress.analysis.predictions.weighted_scores import Score
from multipress.shrink.source import Rows

CONFIDENCE = 0.9

METRICS = {"classification": ["accuracy", "f1", "matthews"], "regression": ["pearson", "spearman"]}
"""Of each kind of task, the usual one first."""

_RESAMPLING = Resampling(draws=2_000, seed=0)


@dataclass(frozen=True)
class Judge:
    """Scores models on some rows by one metric."""

    rows: Rows
    metric: str
    _known: dict[bytes, Answers] = field(default_factory=dict, repr=False)

    @cached_property
    def _score(self) -> Score:
        return Score(self.metric, len(self.rows.names) if self.rows.names else 1)

    def points(self, predictions: np.ndarray) -> float:
        """100 times the metric."""
        return self._score.points(self.rows.labels, predictions)

    def interval(self, predictions: np.ndarray) -> tuple[float, float]:
        """Both ends of the score's interval in points: Wilson's of accuracy, a bootstrap's of other metrics."""
        drawn = self._answers(predictions).drawn
        if drawn is None:
            return _wilson(float((predictions == self.rows.labels).mean()), len(self.rows))
        low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        return float(low), float(high)

    def loss(self, reference: np.ndarray, other: np.ndarray) -> Loss:
        """What the other model's predictions lose against the reference's, on the same rows."""
        found = difference(self._score, self.rows.labels, [self._answers(reference)], [self._answers(other)])
        return Loss(found, {"rows": len(self.rows)}, 1, CONFIDENCE)

    def _answers(self, predictions: np.ndarray) -> Answers:
        key = predictions.astype(np.float64).tobytes()
        if key not in self._known:
            self._known.update(answers(self._score, self.rows.labels, {key: predictions}, _RESAMPLING))
        return self._known[key]


def _wilson(share: float, rows: int) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), in percent."""
    z = float(ndtri((1 + CONFIDENCE) / 2))
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return 100 * float(middle - half), 100 * float(middle + half)
