"""Step ter: ternary weights."""

from multipress.compression.method import Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.quantize.scheme import FLOAT_BITS, TERNARY
from multipress.compression.quantize.spec import planned
from multipress.compression.ternarize.settings import TernarizeSettings


def _planned(size: PlannedSize, argument: int) -> PlannedSize:
    return planned(size, argument or TERNARY)


SPEC = Method(
    name="ternarize",
    prefix="ter",
    group=Group.PRECISION,
    rank=2,
    label="TWN",
    family="quantization",
    settings=TernarizeSettings,
    control=FLOAT_BITS,
    needs_float32=True,
    planned=_planned,
)
