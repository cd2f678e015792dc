"""Structured pruning of feed-forward neurons."""

from multipress.training.importance_settings import ImportanceSettings
from multipress.training.settings import LaterSettings


class PruneNeuronsSettings(LaterSettings, ImportanceSettings):
    """Step f<percent>: neurons of the feed-forward blocks cut out by importance, the rest trained on."""
