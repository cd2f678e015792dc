"""A model's hidden states on the sample, in one pass."""

from dataclasses import dataclass

import numpy as np
import torch

from multipress.core.errors import UserError
from multipress.dissection.layer_pass import batches, mean_state, read_layers
from multipress.dissection.sample import Sample
from multipress.model.bert import BertClassifier

HALF = np.float16
"""What states are kept in: eleven bits, more than the measures need."""


@dataclass(frozen=True)
class States:
    """Hidden states, float16; layer 0 is the output of the embeddings."""

    mean: np.ndarray
    """Over all real positions of a row, shape (layers + 1, rows, width)."""
    tokens: np.ndarray
    """Of the sample's tokens, shape (layers + 1, tokens, width)."""


@torch.inference_mode()
def read_states(model: BertClassifier, sample: Sample, batch_size: int, device: torch.device) -> States:
    """The states of a BERT.

    Raises:
        UserError: some are too large for float16, or not finite.
    """
    model.to(device)
    layers, width = len(model.bert.encoder.layers) + 1, model.config.hidden_size
    mean = np.empty((layers, len(sample.tokens), width), HALF)
    tokens = np.empty((layers, len(sample.rows), width), HALF)
    for numbers, batch in batches(sample.tokens, batch_size, device):
        place = np.full(len(sample.tokens), -1)
        place[numbers] = np.arange(len(numbers))
        entries = np.flatnonzero(place[sample.rows] >= 0)
        in_batch, positions = place[sample.rows[entries]], sample.positions[entries]
        for layer, (hidden, _) in enumerate(read_layers(model, batch)):
            mean[layer, numbers] = _half(mean_state(hidden, batch.attention_mask))
            tokens[layer, entries] = _half(hidden[in_batch, positions])
    if not all(np.isfinite(each).all() for each in (mean, tokens)):
        raise UserError(
            "hidden states are not finite in float16: the model's training failed, or it is no BERT as trained"
        )
    return States(mean, tokens)


def _half(states: torch.Tensor) -> np.ndarray:
    return states.half().cpu().numpy()
