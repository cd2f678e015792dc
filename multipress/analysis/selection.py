"""Which models are of the designed experiment, and why the others are not."""

from collections.abc import Collection

import pandas as pd

from multipress.compression import recipes
from multipress.compression.controls import is_control
from multipress.compression.subsets import is_post_training
from multipress.core.errors import UserError


def select(table: pd.DataFrame, baselines: Collection[str], archs: Collection[str] | None = None) -> pd.DataFrame:
    """The designed experiment: without ``baselines``, controls, variants, other orders and what is not trained.

    Of the architectures, ``archs``, or all where it is None.

    Raises:
        UserError: nothing is left, or an architecture is not there.
    """
    if archs is not None and (absent := sorted(set(archs) - set(table["arch"]))):
        present = ", ".join(dict.fromkeys(table["arch"]))
        raise UserError(f"the results have no architecture {', '.join(absent)}; they have {present}")
    designed = _why_not(table, baselines, archs) == ""
    if not designed.any():
        raise UserError(
            f"the results hold no model of the designed experiment, only {_summed(table, baselines, archs)}; "
            "add such as ft and kd"
        )
    return table[designed]


def left_out(table: pd.DataFrame, baselines: Collection[str], archs: Collection[str] | None = None) -> str:
    """How many models ``select`` leaves out, which, and why, in one line; empty if it takes all."""
    count = int((_why_not(table, baselines, archs) != "").sum())
    return f"left out {count} of {len(table)} models: {_summed(table, baselines, archs)}" if count else ""


def _why_not(table: pd.DataFrame, baselines: Collection[str], archs: Collection[str] | None) -> pd.Series:
    """For each model the reason why it is no part of the designed experiment; empty where it is."""
    reasons = table["recipe"].map({recipe: _of_recipe(recipe, baselines) for recipe in table["recipe"].unique()})
    if archs is not None:
        reasons = reasons.where((reasons != "") | table["arch"].isin(archs), "other architectures")
    return reasons


def _of_recipe(recipe: str, baselines: Collection[str]) -> str:
    if recipe in baselines:
        return "named as baselines"
    if is_control(recipe):
        return "controls"
    try:
        if not recipes.is_in_default_order(recipe):
            return "other orders of steps"
        return "post-training quantization" if is_post_training(recipes.subset(recipe)) else ""
    except ValueError:
        return "variants"


def _summed(table: pd.DataFrame, baselines: Collection[str], archs: Collection[str] | None, most: int = 4) -> str:
    """The models that are left out, by reason: ``12 of ft-ptq8, kd-ptq8 (post-training quantization)``."""
    reasons = _why_not(table, baselines, archs)
    parts = []
    for reason in reasons[reasons != ""].unique():
        of_reason = table[reasons == reason]
        names = list(of_reason["arch" if reason == "other architectures" else "recipe"].unique())
        more = f" and {len(names) - most} more" if len(names) > most else ""
        parts.append(f"{len(of_reason)} of {', '.join(names[:most])}{more} ({reason})")
    return "; ".join(parts)
