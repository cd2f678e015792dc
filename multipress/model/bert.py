"""BERT (Devlin et al. 2019) in plain PyTorch: transformers' parameter names, numbers and config.json.

Checkpoints go both ways: what is saved here loads with ``AutoModelForSequenceClassification``, and the hub's encoders
load here. transformers' own module would do the same; importing it takes twice as long as importing PyTorch, which
is most of a short job (a test holds both to the same logits).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from multipress.core.errors import UserError
from multipress.model.config import Activation, BertConfig
from multipress.model.layers import Dropout, Embedding, Linear, joint_product

ACTIVATIONS: dict[Activation, Callable[[torch.Tensor], torch.Tensor]] = {
    "gelu": functional.gelu,
    "gelu_tanh": partial(functional.gelu, approximate="tanh"),
    "relu": functional.relu,
    "silu": functional.silu,
}
"""What stands between the two products of a feed-forward block."""


class Embeddings(nn.Module):
    """Word, position and token-type tables and their LayerNorm."""

    word_embeddings: nn.Module
    position_embeddings: nn.Embedding
    token_type_embeddings: nn.Embedding

    def __init__(self, config: BertConfig) -> None:
        """Make the tables."""
        super().__init__()
        self.word_embeddings = Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = Dropout(config.hidden_dropout_prob)

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        """Hidden states of shape (rows, length, hidden) from ids of shape (rows, length).

        Raises:
            UserError: rows are longer than the model has positions.
        """
        if input_ids.shape[1] > self.position_embeddings.num_embeddings:
            raise UserError(
                f"rows of {input_ids.shape[1]} tokens, but the model has {self.position_embeddings.num_embeddings} "
                "positions (max_position_embeddings): lower tokenize.max_length"
            )
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        summed = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        return self.dropout(self.LayerNorm(summed + self.position_embeddings(positions)))


class SelfAttention(nn.Module):
    """Multi-head attention; plain projections of the same states are computed together."""

    query: nn.Module
    key: nn.Module
    value: nn.Module

    def __init__(self, config: BertConfig) -> None:
        """Make the projections of one layer."""
        super().__init__()
        self.query = Linear(config.hidden_size, config.hidden_size)
        self.key = Linear(config.hidden_size, config.hidden_size)
        self.value = Linear(config.hidden_size, config.hidden_size)
        self.heads = config.num_attention_heads
        self.kept_heads: list[int] | None = None  # which of the configured ones they are; None: all
        self.dropout = Dropout(config.attention_probs_dropout_prob)

    def forward(
        self,
        hidden: torch.Tensor,
        mask: torch.Tensor | None,
        first_only: bool,
        scores: list[torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Mixed values of all positions, or of the first one alone, heads side by side.

        A list takes the scores before mask and softmax, shape (rows, heads, length or 1, length).
        """
        projected = self._projected(hidden, first_only)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in projected)
        return self._mix(query, key, value, mask, scores).transpose(1, 2).flatten(-2)

    def _projected(self, hidden: torch.Tensor, first_only: bool) -> Sequence[torch.Tensor]:
        """Query, key and value; in one product where all three layers are ``Linear``, which a method may change."""
        query, key, value = self.query, self.key, self.value
        if not (isinstance(query, Linear) and isinstance(key, Linear) and isinstance(value, Linear)):
            return query(hidden[:, :1] if first_only else hidden), key(hidden), value(hidden)
        inputs = query.inputs(hidden)
        if first_only:
            return query.product(inputs[:, :1]), *joint_product([key, value], inputs)
        return joint_product([query, key, value], inputs)

    def _mix(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: torch.Tensor | None,
        kept: list[torch.Tensor] | None,
    ) -> torch.Tensor:
        probability = self.dropout.probability if self.training else 0.0
        if kept is None and (probability == 0 or query.device.type != "cpu"):
            return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=probability)
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        if kept is not None:
            kept.append(scores)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return self.dropout(scores.softmax(-1)) @ value


class Residual(nn.Module):
    """A projection back to the hidden size, added to what it came from, and normalized."""

    dense: nn.Module

    def __init__(self, inputs: int, config: BertConfig) -> None:
        """Project from this number of inputs."""
        super().__init__()
        self.dense = Linear(inputs, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = Dropout(config.hidden_dropout_prob)

    def forward(self, values: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        """Normalized sums of shape (rows, length, hidden)."""
        return self.LayerNorm(self.dropout(self.dense(values)) + residual)


class Attention(nn.Module):
    """Self-attention and its projection; the names are those of transformers."""

    def __init__(self, config: BertConfig) -> None:
        """Make the attention of one layer."""
        super().__init__()
        self.self = SelfAttention(config)
        self.output = Residual(config.hidden_size, config)

    def forward(
        self,
        hidden: torch.Tensor,
        mask: torch.Tensor | None,
        first_only: bool,
        scores: list[torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """States of shape (rows, length or 1, hidden); ``scores`` as in ``SelfAttention``."""
        kept = hidden[:, :1] if first_only else hidden  # before the rest: gradients are summed in the order of creation
        return self.output(self.self(hidden, mask, first_only, scores), kept)


class Dense(nn.Module):
    """A linear layer by the name that transformers gives it."""

    dense: nn.Module

    def __init__(self, inputs: int, outputs: int) -> None:
        """Make the layer."""
        super().__init__()
        self.dense = Linear(inputs, outputs)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """As ``nn.Linear``."""
        return self.dense(values)


class Layer(nn.Module):
    """A Transformer layer: attention, then the feed-forward block."""

    def __init__(self, config: BertConfig) -> None:
        """Make one layer."""
        super().__init__()
        self.attention = Attention(config)
        self.intermediate = Dense(config.hidden_size, config.intermediate_size)
        self.output = Residual(config.intermediate_size, config)
        self.activation = ACTIVATIONS[config.activation]

    def forward(
        self,
        hidden: torch.Tensor,
        mask: torch.Tensor | None,
        first_only: bool,
        scores: list[torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """States of shape (rows, length or 1, hidden); ``scores`` as in ``SelfAttention``."""
        attended = self.attention(hidden, mask, first_only, scores)
        return self.output(self.activation(self.intermediate(attended)), attended)


class Encoder(nn.Module):
    """The layers, by the name that transformers gives their list."""

    def __init__(self, layers: Iterable[Layer], order: Sequence[int] | None = None) -> None:
        """Hold these layers, to be applied each once, or in this order of their indices, some of them repeatedly."""
        super().__init__()
        self.layer = nn.ModuleList(layers)
        self._order = order

    @property
    def order(self) -> list[int]:
        """The index in ``layer`` of each layer that is applied, one after the other."""
        return list(range(len(self.layer)) if self._order is None else self._order)

    @property
    def held(self) -> list[Layer]:
        """The layers that have weights of their own: a shared one once."""
        return [layer for layer in self.layer if isinstance(layer, Layer)]

    @property
    def layers(self) -> list[Layer]:
        """The layers as they are applied, one after the other: a shared one several times."""
        held = self.held
        return [held[index] for index in self.order]


class Bert(nn.Module):
    """The backbone: embeddings, encoder layers and pooler."""

    def __init__(self, config: BertConfig) -> None:
        """Make a backbone of the configured shape; the owner initializes the weights."""
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(Layer(config) for _ in range(config.num_hidden_layers))
        self.pooler = Dense(config.hidden_size, config.hidden_size)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        first_only: bool = False,
    ) -> torch.Tensor:
        """Hidden states of shape (rows, length, hidden) from ids, mask and segments of shape (rows, length).

        With ``first_only`` the last layer computes the first token's state alone, shape (rows, 1, hidden): a classifier
        reads no other.
        """
        hidden, mask = self.embed(input_ids, attention_mask, token_type_ids)
        *layers, last = self.encoder.layers
        for layer in layers:
            hidden = layer(hidden, mask, first_only=False)
        return last(hidden, mask, first_only)

    def embed(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None, token_type_ids: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the first layer gets: states, and the mask that broadcasts against attention scores."""
        segments = input_ids.new_zeros(1, 1) if token_type_ids is None else token_type_ids
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]
        return self.embeddings(input_ids, segments), mask

    def pool(self, hidden: torch.Tensor) -> torch.Tensor:
        """The pooled first token, shape (rows, hidden)."""
        return torch.tanh(self.pooler(hidden[:, 0]))


class BertClassifier(nn.Module):
    """A BERT with a linear head on its pooled first token."""

    def __init__(self, config: BertConfig) -> None:
        """Make a classifier with random weights."""
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.dropout = Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(config.hidden_size, config.outputs)
        self.exits: nn.Module | None = None  # ``multipress.model.exits.Exits``: where rows may leave
        initialize(self, config.initializer_range)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of shape (rows, outputs); where there are exits, of the exit at which each row leaves."""
        if self.exits is not None:
            logits: torch.Tensor = self.exits(self, input_ids, attention_mask, token_type_ids)
            return logits
        return self.answer(self.bert(input_ids, attention_mask, token_type_ids, first_only=True))

    def answer(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits of shape (rows, outputs) from what the last layer has made of the first tokens."""
        return self.classifier(self.dropout(self.bert.pool(hidden)))

    def row_tables(self) -> list[Embedding]:
        """Tables of which a step reads the rows of its tokens alone."""
        return [module for module in self.bert.embeddings.word_embeddings.modules() if isinstance(module, Embedding)]


class BertMaskedModel(nn.Module):
    """A BERT with the masked-language-model head; its output matrix is the embedding table."""

    def __init__(self, config: BertConfig) -> None:
        """Make a model with random weights."""
        super().__init__()
        self.bert = Bert(config)
        self.transform = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.activation = ACTIVATIONS[config.activation]
        self.bert.pooler.requires_grad_(False)  # nothing here reads it
        initialize(self, config.initializer_range)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of shape (positions, vocabulary) from hidden states of shape (positions, hidden)."""
        transformed = self.norm(self.activation(self.transform(hidden)))
        return functional.linear(transformed, self.bert.embeddings.word_embeddings.get_parameter("weight"), self.bias)


def initialize(model: nn.Module, spread: float) -> None:
    """BERT's initial weights: normal with the given standard deviation, biases and the padding row zero."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=spread)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            nn.init.zeros_(module.weight[module.padding_idx])


def config_json(config: BertConfig) -> dict[str, Any]:
    """The configuration as config.json holds it; no padding id is written as null, for its default is 0."""
    padding = {"pad_token_id": config.pad_token_id}
    return config.model_dump(mode="json", exclude_none=True) | padding | {"dtype": "float32"}
