"""Gates on heads and neurons that a training learns, until so much of the encoder is closed.

The loss has two terms more, p (s - t) + q (s - t)^2, with the expected share s of weights behind closed gates, its
target t, and prices p and q that rise while s is off (Wang et al. 2020): the saddle point is where s = t. The target
rises evenly over the first half of the steps in which gates are learned. Then each gate is settled to 0 or 1.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn

from multipress.compression.learn_gates import hard_concrete
from multipress.compression.learn_gates.choice import open_parts
from multipress.compression.learn_gates.settings import LearnGatesSettings
from multipress.model.layer_parts import LayerParts
from multipress.training import adamw
from multipress.training.adamw import Moments
from multipress.training.hooks import Hook

_START = 2.0
"""Location of a gate before the first step: open with 97 %."""


class Gates(Hook):
    """A gate on the inputs of the layer that reads a part, the same for all rows of a batch."""

    def __init__(
        self, parts: Sequence[LayerParts], target: float, settings: LearnGatesSettings, total: int, device: torch.device
    ) -> None:
        """Put gates on the parts.

        Args:
            parts: of all layers.
            target: share of the parts' weights that is behind closed gates in the end.
            settings: of the step.
            total: steps of the whole training.
            device: of the model.
        """
        self._parts, self._target, self._rate = parts, target, settings.gates_learning_rate
        self._counts = [layer.count for layer in parts]
        self._learned = max(1, round(total * settings.gates_fraction))
        sizes = [torch.full((layer.count,), layer.weights_of_one) for layer in parts]
        self._shares = (torch.cat(sizes).double() / sum(size.sum() for size in sizes)).to(device)
        locations = torch.full((sum(self._counts),), _START)
        self._values = torch.cat([locations, torch.zeros(2)]).to(device)
        """Of each gate its location, then the two prices."""
        self._moments = Moments.of(self._values)
        self._settled = torch.zeros(len(locations), device=device)
        self._step = 0
        self._gates, self._slopes = torch.ones_like(self._settled), torch.zeros_like(self._settled)
        self._handles = [
            layer.reader.register_forward_pre_hook(partial(self._gate, number)) for number, layer in enumerate(parts)
        ]

    @property
    def _locations(self) -> torch.Tensor:
        return self._values[:-2]

    @property
    def is_settled(self) -> bool:
        """Whether gates are open or closed for good."""
        return self._step >= self._learned

    @property
    def expected_sparsity(self) -> torch.Tensor:
        """Share of the parts' weights that is expected behind closed gates."""
        return 1 - (hard_concrete.open_probability(self._locations).double() * self._shares).sum()

    def before_forward(self) -> None:
        """Draw the gates of a step."""
        if self.is_settled:
            return
        uniform = torch.rand(len(self._locations)).to(self._values.device)
        gates, self._slopes = hard_concrete.sample(self._locations, uniform)
        self._gates = gates.requires_grad_()

    def _gate(self, number: int, reader: nn.Module, inputs: tuple[torch.Tensor]) -> torch.Tensor:
        values = inputs[0]
        if self.is_settled:
            gates = self._settled
        else:
            gates = self._gates if reader.training else hard_concrete.settled(self._locations)
        of_layer = gates.split(self._counts)[number].to(values.dtype)
        return (values.unflatten(-1, (len(of_layer), -1)) * of_layer[:, None]).flatten(-2)

    @torch.no_grad()
    def before_update(self) -> None:
        """Move gates by the gradient of loss and terms, and prices against theirs."""
        if self.is_settled or self._gates.grad is None:
            return
        probability = hard_concrete.open_probability(self._locations)
        off = float(self.expected_sparsity - self.target_after(self._step + 1))
        first, second = self._values[-2:].tolist()
        by_location = -self._shares * probability * (1 - probability)
        gradient = self._gates.grad * self._slopes + (first + 2 * second * off) * by_location
        prices = -torch.tensor([off, off**2], device=gradient.device)
        together = torch.cat([gradient, prices]).to(self._values.dtype)
        adamw.step(self._values, together, self._moments, self._step, self._rate, weight_decay=0.0)

    def target_after(self, step: int) -> float:
        """The target of a step, from 1."""
        return self._target * min(1.0, 2 * step / self._learned)

    def after_update(self, step: int, total: int) -> None:
        """Count the step; settle the gates after the last that learns them."""
        self._step = step
        if step == self._learned:
            self._settle()
        closed = 1 - (self._settled.double() * self._shares).sum() if self.is_settled else self.expected_sparsity
        self.sparsity = min(1.0, max(0.0, float(closed)))

    def _settle(self) -> None:
        scores = [layer.tolist() for layer in self._locations.split(self._counts)]
        kept = open_parts(scores, [layer.weights_of_one for layer in self._parts], self._target)
        for gates, opened in zip(self._settled.split(self._counts), kept, strict=True):
            gates[opened] = 1.0

    def kept(self) -> list[list[int]]:
        """Indices of the parts that stay, in order, for each layer."""
        return [layer.nonzero().flatten().tolist() for layer in self._settled.split(self._counts)]

    def remove(self) -> None:
        """Take the gates away."""
        for handle in self._handles:
            handle.remove()

    def state(self) -> dict[str, torch.Tensor]:
        """Locations, prices, their moments, what is settled, and the step."""
        return {
            "values": self._values,
            "first": self._moments.first,
            "second": self._moments.second,
            "settled": self._settled,
            "step": torch.tensor(self._step),
        }

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from there."""
        for name, tensor in (
            ("values", self._values),
            ("first", self._moments.first),
            ("second", self._moments.second),
            ("settled", self._settled),
        ):
            tensor.copy_(state[name])
        self._step = int(state["step"])
