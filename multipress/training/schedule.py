"""The learning rate of every step: linear warm-up, then linear decay to zero (Devlin et al. 2019)."""

import numpy as np


def learning_rates(total: int, peak: float, warmup_fraction: float) -> np.ndarray:
    """Learning rates of steps 1 to ``total``, float64 of shape (total,)."""
    done = np.arange(total, dtype=np.float64)
    warmup = warmup_fraction * total
    rising = (done + 1) / (warmup + 1)
    falling = (total - done) / max(1.0, total - warmup)
    return peak * np.where(done < warmup, rising, np.maximum(falling, 0.0))
