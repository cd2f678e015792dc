"""Structured pruning of attention heads."""

from multipress.training.importance_settings import ImportanceSettings
from multipress.training.settings import LaterSettings


class PruneHeadsSettings(LaterSettings, ImportanceSettings):
    """Step h<percent>: attention heads cut out by importance, the rest trained on."""
