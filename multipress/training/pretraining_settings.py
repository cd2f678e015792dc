"""Pre-training of the encoders."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section, Seed, UserPath


class PretrainSettings(Section):
    """Masked-language-model pre-training (Devlin et al. 2019)."""

    corpus: list[UserPath] | Literal["synthetic"] = Field(
        "synthetic", description="Text files, plain or .zst, one sentence or paragraph a line; or the synthetic text."
    )
    synthetic_lines: int = Field(20000, ge=100, le=100_000_000, description="Lines of the synthetic corpus.")
    max_tokens: int = Field(
        10_000_000, ge=1000, le=1_000_000_000_000, description="Maximum of tokens to read from the corpus."
    )
    sequence_length: int = Field(128, ge=8, le=512, description="Tokens of a training sequence.")
    masked_fraction: float = Field(0.15, gt=0, lt=1, description="Share of tokens to predict.")
    epochs: float = Field(1.0, gt=0, le=10_000, description="Passes over the corpus.")
    batch_size: int = Field(64, ge=1, le=65_536, description="Sequences in a batch.")
    learning_rate: float = Field(5e-4, gt=0, lt=1, description="Peak learning rate.")
    warmup_fraction: float = Field(0.06, ge=0, lt=1, description="Share of steps with a rising learning rate.")
    weight_decay: float = Field(0.01, ge=0, le=10, description="AdamW's weight decay.")
    max_grad_norm: float = Field(1.0, gt=0, le=1e6, description="Gradient norm clipping.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout of hidden states and attention.")
    seed: Seed = Field(0, description="Seed of initial weights, order and masks.")
