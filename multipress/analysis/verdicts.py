"""The words of the tables: an interval as a verdict.

Equivalence is asked first: an interval that lies within the margin says that whatever deviation there is counts as
none, even where it excludes equality itself (Lakens 2017 on equivalence tests). An interval that is missing decides
nothing.
"""

from math import isnan

POOLED = "pooled"
"""Stands for the mean over all architectures where tables name one."""

CAN_NOT_TELL = "can't tell"
SUPER, PRODUCT, DIMINISHING = "super-multiplicative", "multiplicative", "diminishing"
ADDITIVE = "additive"
"""Of a ratio: as losses of score that add up make it."""
LESS, SUM, MORE = "less than the sum", "the sum", "more than the sum"
SUPPORTED, NOT_SUPPORTED = "supported", "not supported"


def ratio_verdict(low: float, high: float, equivalence: float) -> str:
    """How an observed ratio compares with the product of the single ones."""
    if 1 / (1 + equivalence) <= low and high <= 1 + equivalence:
        return PRODUCT
    if low > 1:
        return SUPER
    return DIMINISHING if high < 1 else CAN_NOT_TELL


def against_additivity(low: float, high: float, equivalence: float, p: float, level: float) -> str:
    """How a ratio compares with what it is where losses of score add up.

    Args:
        low: Low end of the interval of the ratio over that.
        high: Its high end.
        equivalence: The margin within which deviations count as none.
        p: The adjusted p-value of the ratio where losses add up.
        level: The p-value up to which there is a direction.
    """
    if isnan(low) or isnan(high) or isnan(p):
        return CAN_NOT_TELL
    found = ratio_verdict(low, high, equivalence)
    if found == PRODUCT:
        return ADDITIVE
    if p > level:
        return CAN_NOT_TELL
    return SUPER if low * high > 1 else DIMINISHING


def loss_verdict(low: float, high: float, equivalence: float) -> str:
    """How the loss of a combination compares with the sum of the single ones, in points."""
    if -equivalence <= low and high <= equivalence:
        return SUM
    if high < 0:
        return LESS
    return MORE if low > 0 else CAN_NOT_TELL


def exceeds(low: float, high: float, least: float) -> str:
    """Whether a quantity is more than ``least``."""
    if isnan(low) or isnan(high):
        return CAN_NOT_TELL
    if low > least:
        return SUPPORTED
    return NOT_SUPPORTED if high < least else CAN_NOT_TELL


def diminishes(low: float, high: float, equivalence: float) -> str:
    """Whether a combination gives diminishing returns."""
    found = ratio_verdict(low, high, equivalence)
    if found == DIMINISHING:
        return SUPPORTED
    return NOT_SUPPORTED if found in (SUPER, PRODUCT) or low >= 1 / (1 + equivalence) else CAN_NOT_TELL


def diminishes_beyond(verdict: str) -> str:
    """What a verdict, on sizes or against additivity, says of the claim that a combination diminishes."""
    denied = dict.fromkeys([SUPER, ADDITIVE, PRODUCT], NOT_SUPPORTED)
    return {DIMINISHING: SUPPORTED, **denied}.get(verdict, CAN_NOT_TELL)


def opposite(verdict: str) -> str:
    """The verdict on the opposite claim; where the interval decides nothing, neither does the opposite."""
    return {SUPPORTED: NOT_SUPPORTED, NOT_SUPPORTED: SUPPORTED}.get(verdict, verdict)
