"""What a compression does between the parts of a training step."""

import torch

from multipress.training.optimizer import Optimizer


class Hook:
    """Does nothing; a compression overrides what it needs.

    A step is: batch, ``before_forward``, forward and backward pass (perhaps in parts), ``before_update``, clipping and
    the optimizer's update, ``after_update``.

    The optimizer moves one vector of which most weights are views (``Optimizer.holds``). A hook may put other values in
    a parameter's ``data`` before the passes, if it gives the view back before the update.
    """

    sparsity: float = 0.0
    """Fraction of the prunable weights that are zero, for the history."""
    needs_float32: bool = False
    """Whether products must not be computed in bfloat16."""

    def start(self, optimizer: Optimizer) -> None:
        """Called once, before a state is loaded and before the first step."""

    def before_forward(self) -> None:
        """Called before the first forward pass of a step."""

    def before_update(self) -> None:
        """Called when the gradients are there, before they are clipped."""

    def after_update(self, step: int, total: int) -> None:
        """Called after the optimizer's ``step`` of ``total`` steps."""

    def finish(self) -> None:
        """Called once, after the last step."""

    def state(self) -> dict[str, torch.Tensor]:
        """What a later process needs to go on."""
        return {}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from what ``state`` returned."""
