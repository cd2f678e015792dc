"""Synthetic GLUE: eight tasks in GLUE's form, written by grammars, for runs without data or network."""

from multipress.data.synthetic.tables import corpus, generate

__all__ = ["corpus", "generate"]
