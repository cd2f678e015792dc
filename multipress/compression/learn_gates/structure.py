"""How a model with fewer heads and neurons is made again from its checkpoint's record."""

from multipress.compression.cut_layers import rebuild

__all__ = ["rebuild"]
