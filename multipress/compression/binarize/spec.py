"""Step bin: binary weights."""

from multipress.compression.binarize.settings import BinarizeSettings
from multipress.compression.method import Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.quantize.scheme import BINARY, FLOAT_BITS
from multipress.compression.quantize.spec import planned


def _planned(size: PlannedSize, argument: int) -> PlannedSize:
    return planned(size, argument or BINARY)


SPEC = Method(
    name="binarize",
    prefix="bin",
    group=Group.PRECISION,
    rank=3,
    label="BWN",
    family="quantization",
    settings=BinarizeSettings,
    control=FLOAT_BITS,
    refuses={
        "prune": "binary weights have no zero: use ter, which keeps zeros",
        "prune_groups": "binary weights have no zero: use ter, which keeps zeros",
    },
    needs_float32=True,
    planned=_planned,
)
