"""Step int<bits>: quantization-aware training."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.quantize.scheme import FLOAT_BITS, MAX_BITS, MIN_BITS
from multipress.compression.quantize.settings import QuantizeSettings


def planned(size: PlannedSize, bits: int) -> PlannedSize:
    """Each weight takes this number of bits."""
    return replace(size, bits=bits)


SPEC = Method(
    name="quantize",
    prefix="int",
    group=Group.PRECISION,
    label="QAT",
    family="quantization",
    settings=QuantizeSettings,
    argument=Argument("bits", MIN_BITS, MAX_BITS, 8, otherwise="for fewer, use ter or bin"),
    control=FLOAT_BITS,
    planned=planned,
    needs_float32=True,
)
