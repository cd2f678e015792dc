"""Whether a metric can be computed on rows with certain labels, whatever is predicted for them."""

import numpy as np


def undefined(metric: str, labels: np.ndarray, n_labels: int | None) -> str | None:
    """Why a metric has no value on these rows; None where it has one.

    Args:
        metric: A metric of ``TaskSpec``.
        labels: Gold label ids or values, shape (rows,).
        n_labels: Number of labels of a classification task; None for regression.
    """
    constant = len(labels) == 0 or bool((labels == labels[0]).all())
    if metric in ("pearson", "spearman", "matthews") and constant:
        return f"all {len(labels)} rows have the same label, and a correlation with a constant is undefined"
    if metric == "f1" and n_labels == 2 and not (labels == 1).any():
        return f"none of {len(labels)} rows has the label whose F1 is computed, the second one"
    return None
