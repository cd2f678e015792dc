"""What planning, analysis and figures know of a method: the spec that each method's folder holds as ``SPEC``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from multipress.compression.planned_size import PlannedSize
from multipress.core.settings import Section


class Group(IntEnum):
    """The groups of methods, in the default order of their steps in a recipe."""

    START = 0
    STRUCTURE = 1
    SPARSITY = 2
    PRECISION = 3
    EXIT = 4


@dataclass(frozen=True)
class Argument:
    """The whole number that follows a step's prefix."""

    name: str
    """What it counts: percent, bits, layers; nothing where only one number is possible."""
    least: int
    most: int
    example: int
    """For tests: a miniature model has three layers."""
    otherwise: str = ""
    """What to use in place of an argument out of range, for messages."""

    @property
    def expected(self) -> str:
        """How it is written, for messages."""
        return f"{self.least}" if self.least == self.most else f"<{self.name}>"

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return f"{self.least}" if self.least == self.most else f"{self.least} to {self.most} {self.name}"


def _same_shapes(size: PlannedSize, argument: int) -> PlannedSize:
    return size


@dataclass(frozen=True)
class Method:
    """A compression method. Functions take the step's argument, 0 where the method has none."""

    name: str
    """Of its folder, rule, script's log, benchmark, section of the configuration, and curve in training.csv."""
    prefix: str
    """What its steps in recipes begin with."""
    group: Group
    label: str
    """In the names of subsets, such as QAT+KD; empty for ``ft``, which compresses nothing."""
    settings: type[Section]
    family: str = ""
    """Of compressions, as Ganesh et al. (2021) sort them; empty for ``ft``."""
    rank: int = 1
    """Order within the group: in a recipe, methods of a lower rank come first."""
    argument: Argument | None = None
    control: int | None = None
    """With this argument, beside its others or none, a step trains as with any other and compresses nothing."""
    trains: bool = True
    """Whether the step trains: it then has a history, and saved states."""
    also_after: frozenset[str] = frozenset()
    """Methods that come later in the default order, and that its steps may follow all the same."""
    has_attention: bool = True
    """Of a first step: whether its models are BERTs. Of later steps, those of others can only change the precision."""
    needs_float32: bool = False
    """Whether the step cannot train in bfloat16."""
    imitates: Literal["", "logits", "features"] = ""
    """What of a teacher the step trains for, on augmented rows, too, unless its settings say otherwise."""
    inherited: type[Section] | None = None
    """The part of its settings that the steps after it use, too."""
    without_effect: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Keys of its settings that do nothing for tasks of a kind."""
    refuses: Mapping[str, str] = field(default_factory=dict)
    """Methods whose steps cannot come before it, and why."""
    reads_layer_times: bool = False
    """Whether the step reads how long the parts of the architecture's layers take on this machine."""
    planned: Callable[[PlannedSize, int], PlannedSize] = _same_shapes
    """The size of a model after the step, its sparsity and bits, from those before."""
    plans_exactly: bool = True
    """Whether that is the size; otherwise it is a guess, for what goes is known when the step is made."""

    @property
    def order(self) -> tuple[int, int]:
        """Steps of a recipe come in this order."""
        return self.group, self.rank

    def may_follow(self, other: "Method") -> bool:
        """Whether its steps may come after those of another method."""
        return self.order > other.order or other.name in self.also_after

    def forbids(self, later: "Method") -> str:
        """Why steps of another method cannot come after its own, for the layers that it makes; empty if they can."""
        if self.has_attention or later.group in (Group.START, Group.PRECISION):
            return ""
        return "it has no Transformer layers: of such a model the precision alone can be changed"

    def allows(self, argument: int) -> bool:
        """Whether its steps may have this argument; 0 where they need none."""
        if argument == self.control:
            return True
        return self.argument.least <= argument <= self.argument.most if self.argument else argument == 0

    @property
    def allowed(self) -> str:
        """What its steps may have as argument, in words."""
        own = self.argument.allowed if self.argument else "no number"
        return own if self.control is None else f"{own}, or {self.control}, which compresses nothing"

    @property
    def expected(self) -> str:
        """How its steps are written, for messages."""
        return self.prefix + (self.argument.expected if self.argument else "")
