"""Step ptq<bits>: static post-training quantization."""

from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.method import Argument, Group, Method
from multipress.compression.quantize.scheme import MAX_BITS, MIN_BITS
from multipress.compression.quantize.spec import planned

SPEC = Method(
    name="calibrate",
    prefix="ptq",
    group=Group.PRECISION,
    label="PTQ",
    family="quantization",
    settings=CalibrateSettings,
    argument=Argument("bits", MIN_BITS, MAX_BITS, example=8),
    trains=False,
    planned=planned,
)
