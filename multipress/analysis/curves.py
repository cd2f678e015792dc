"""Curves of size against score, and how far apart they lie at equal score.

The distance is horizontal: at a score that two curves reach, the logarithm of the ratio of their sizes, averaged over
the scores that all compared curves reach (the Bjøntegaard rate of video coding: Bjøntegaard 2001, VCEG-M33; here
with straight lines between models, which need no fit). Where losses of score add up and curves are parallel lines, the
logarithms of distances add up, too, however large the noise; a threshold on the score, as in Table 1, has no such
property.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curve:
    """One recipe over architectures: straight lines between its models, log size against score."""

    scores: np.ndarray
    """Points, ascending."""
    log_sizes: np.ndarray
    """Logarithms of sizes in MB, ascending."""

    @classmethod
    def of(cls, scores: np.ndarray, sizes: np.ndarray) -> "Curve":
        """The curve of models with these scores in points and sizes in MB.

        Each is sorted by itself: a larger model that scores less than a smaller one, which is noise, changes places
        with it in score, so that the curve rises and passes through every score and every size.
        """
        return cls(np.sort(scores), np.sort(np.log(sizes)))

    def at(self, scores: np.ndarray) -> np.ndarray:
        """Log sizes at scores within the curve's range."""
        return np.interp(scores, self.scores, self.log_sizes)


def common_range(curves: Sequence[Curve]) -> tuple[float, float]:
    """The lowest and the highest score that all curves reach; the first is not below the second where there is none."""
    return max(curve.scores[0] for curve in curves), min(curve.scores[-1] for curve in curves)


def log_times_smaller(reference: Curve, curve: Curve, low: float, high: float) -> float:
    """The mean over scores from ``low`` to ``high`` of log(size of the reference / size of the curve), exactly.

    Both reach these scores, and ``low`` is below ``high``.
    """
    knots = np.unique(np.clip(np.concatenate([reference.scores, curve.scores, [low, high]]), low, high))
    between = (knots[:-1] + knots[1:]) / 2  # a piece is a straight line, whose mean is its middle
    return float(np.average(reference.at(between) - curve.at(between), weights=np.diff(knots)))
