"""What planning, analysis and figures know of a method: the spec that each method's folder holds as ``SPEC``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

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
    """What it counts: percent, bits, layers."""
    least: int
    most: int
    example: int
    """For tests: a miniature model has three layers."""


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
    rank: int = 1
    """Order within the group: in a recipe, methods of a lower rank come first."""
    argument: Argument | None = None
    trains: bool = True
    """Whether the step trains: it then has a history, and saved states."""
    needs_float32: bool = False
    """Whether the step cannot train in bfloat16."""
    reads_teacher: bool = False
    """Whether the step, and all after it, read the teacher's logits and the augmented rows."""
    inherited: type[Section] | None = None
    """The part of its settings that the steps after it use, too."""
    without_effect: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Keys of its settings that do nothing for tasks of a kind."""
    planned: Callable[[PlannedSize, int], PlannedSize] = _same_shapes
    """The size of a model after the step, its sparsity and bits, from those before."""

    @property
    def order(self) -> tuple[int, int]:
        """Steps of a recipe come in this order."""
        return self.group, self.rank

    @property
    def expected(self) -> str:
        """How its steps are written, for messages."""
        return self.prefix if self.argument is None else f"{self.prefix}<{self.argument.name}>"
