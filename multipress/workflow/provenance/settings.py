"""Configurations compared key by key."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from multipress.workflow.staleness.reasons import flat

WITHOUT_EFFECT = ("runtime.", "storage.")
"""Sections of keys that do not affect results."""


def differing(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, expected and found value of each difference between nested mappings, but for keys without effect."""
    one, other = flat(dict(expected)), flat(dict(found))
    for key in sorted(one.keys() | other.keys()):
        values = [_plain(side[key]) if key in side else "no entry" for side in (one, other)]
        if values[0] != values[1] and not key.startswith(WITHOUT_EFFECT):
            yield key, str(values[0]), str(values[1])


def within(values: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """The part of nested ``values`` whose keys are also in ``keys``."""
    return {
        key: within(value, keys[key]) if isinstance(value, dict) and isinstance(keys[key], dict) else value
        for key, value in values.items()
        if key in keys
    }


def _plain(value: Any) -> Any:
    """Numbers as such, however they are written: 5e-5 is a text to PyYAML."""
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return number if isfinite(number) else value  # a label nan would differ from itself
    return value
