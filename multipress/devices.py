"""Where a job computes, and how it is made repeatable."""

import torch

from multipress.errors import UserError


def prepare(device: str, threads: int, seed: int) -> torch.device:
    """Set thread count and seeds, and choose the device: ``auto`` takes a GPU where the job sees one.

    Raises:
        UserError: ``cuda`` is asked for and none is visible.
    """
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UserError("runtime.device is cuda, but this job sees no GPU: use auto or cpu, or request a GPU")
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device("cuda" if available and device != "cpu" else "cpu")
