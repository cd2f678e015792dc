"""Exits after a BERT's layers: a row whose answer is clear early is computed no further.

DeeBERT (Xin et al. 2020) leaves where the answer's entropy is low, PABEE (Zhou et al. 2020) where several exits in
succession agree.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from multipress.core.settings import Section
from multipress.model.bert import BertClassifier, Dense
from multipress.model.config import BertConfig
from multipress.model.layers import Dropout

Kind = Literal["entropy", "patience"]

NEVER = -1.0
"""No entropy is below it."""


class ExitRule(Section):
    """When a row leaves."""

    kind: Kind = Field(description="By the entropy of the exit's answer, or by successive exits that agree.")
    threshold: float = Field(
        description="entropy, in nats: leave where it is less; patience: leave where so many exits have repeated the "
        "answer of the one before."
    )
    tolerance: float = Field(0.1, gt=0, description="How far apart answers of a regression agree.")

    def leaving(
        self, logits: torch.Tensor, before: torch.Tensor | None, streak: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Whether each row leaves, and how many exits in succession have repeated its answer by now; both (rows,).

        Args:
            logits: of this exit, shape (rows, outputs).
            before: of the exit before; None at the first one.
            streak: the count at the exit before.
        """
        if self.kind == "entropy":
            return entropy(logits) < self.threshold, streak
        if before is not None:
            streak = torch.where(self._agree(logits, before), streak + 1, 0)
        return streak >= self.threshold, streak

    def _agree(self, logits: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        if logits.shape[-1] == 1:
            return (logits - before).abs().squeeze(-1) < self.tolerance
        return logits.argmax(-1) == before.argmax(-1)

    def depths(self, answers: torch.Tensor) -> torch.Tensor:
        """After how many layers each row leaves, shape (rows,), from the answers that ``Exits.answers`` gives."""
        layers, rows = len(answers), answers.shape[1]
        depths = torch.full((rows,), layers)
        streak = torch.zeros(rows, dtype=torch.long)
        before = None
        for number, logits in enumerate(answers[:-1], start=1):
            leaving, streak = self.leaving(logits, before, streak)
            depths[leaving & (depths == layers)] = number
            before = logits
        return depths


class CurvePoint(Section):
    """A threshold, and how far rows get with it on which it was chosen."""

    threshold: float
    mean_layers: float = Field(ge=1, description="Layers that rows pass on average.")


def entropy(logits: torch.Tensor) -> torch.Tensor:
    """Entropy of each row's distribution over labels in nats, shape (rows,)."""
    logarithms = logits.log_softmax(-1)
    return -(logarithms.exp() * logarithms).sum(-1)


def most_entropy(outputs: int) -> float:
    """More than the entropy of any answer, in nats: with it as threshold all rows leave at the first exit."""
    return math.log(outputs) + 1.0


class Exit(nn.Module):
    """A pooler of its own and a linear head."""

    def __init__(self, config: BertConfig) -> None:
        """Make an exit with arbitrary weights."""
        super().__init__()
        self.pooler = Dense(config.hidden_size, config.hidden_size)
        self.dropout = Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(config.hidden_size, config.outputs)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits of shape (rows, outputs) from hidden states of shape (rows, length, hidden)."""
        return self.classifier(self.dropout(torch.tanh(self.pooler(hidden[:, 0]))))


class Exits(nn.ModuleList):
    """An exit after each layer but the last, and the rule by which rows leave."""

    def __init__(self, config: BertConfig, count: int, rule: ExitRule, curve: Sequence[CurvePoint] = ()) -> None:
        """Make exits with arbitrary weights."""
        super().__init__(Exit(config) for _ in range(count))
        self.rule = rule
        self.curve = curve
        """Further thresholds to evaluate the model at."""

    @property
    def held(self) -> list[Exit]:
        """The exits, that after the first layer first."""
        return [each for each in self if isinstance(each, Exit)]

    def poolers(self) -> Iterator[nn.Parameter]:
        """Parameters of the poolers."""
        for each in self.held:
            yield from each.pooler.parameters()

    def forward(
        self,
        model: BertClassifier,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of shape (rows, outputs), each row's of the exit at which it leaves or of the head.

        Rows that have left are not computed any further.
        """
        hidden, mask = model.bert.embed(input_ids, attention_mask, token_type_ids)
        *layers, last = model.bert.encoder.layers
        rows = torch.arange(len(hidden), device=hidden.device)
        result = hidden.new_empty(len(hidden), model.config.outputs)
        streak, before = torch.zeros_like(rows), None
        for layer, leave in zip(layers, self.held, strict=True):
            hidden = layer(hidden, mask, first_only=False)
            logits = leave(hidden)
            leaving, streak = self.rule.leaving(logits, before, streak)
            before = logits
            if leaving.any():
                result[rows[leaving]] = logits[leaving].to(result.dtype)
                staying = ~leaving
                rows, hidden, before, streak = (part[staying] for part in (rows, hidden, before, streak))
                mask = None if mask is None else mask[staying]
                if not len(rows):
                    return result
        result[rows] = model.answer(last(hidden, mask, first_only=True)).to(result.dtype)
        return result

    def answers(
        self,
        model: BertClassifier,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of each exit and of the head, shape (layers, rows, outputs), as if all rows passed all layers."""
        states, logits = read_first_tokens(model, input_ids, attention_mask, token_type_ids)
        return torch.stack([*(leave(hidden) for leave, hidden in zip(self.held, states, strict=True)), logits])


def read_first_tokens(
    model: BertClassifier,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    token_type_ids: torch.Tensor | None = None,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """First tokens' states after each layer but the last, shape (rows, 1, hidden); and the head's logits."""
    hidden, mask = model.bert.embed(input_ids, attention_mask, token_type_ids)
    *layers, last = model.bert.encoder.layers
    states = []
    for layer in layers:
        hidden = layer(hidden, mask, first_only=False)
        states.append(hidden[:, :1].clone())  # a view would keep all positions
    return states, model.answer(last(hidden, mask, first_only=True))
