"""Predictions for texts: ``multipress.load(path).predict(texts)``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from multipress.core.errors import UserError
from multipress.deployment.model_files import LoadedModel, open_model
from multipress.deployment.text_reader import Text, TextReader, open_reader

BATCH_SIZE = 32
"""Rows that are computed at once."""

POOL = 16
"""Batches whose rows are sorted by length together: little padding, and no long wait for the first prediction."""


@dataclass(frozen=True)
class Prediction:
    """The prediction for a text."""

    label: str | float
    """The name of the most probable label, or the number that a regression model gives."""
    probability: float | None
    """Probability of the label; None for regression."""
    cut: bool
    """Whether the text was longer than what the model was given of it."""


def load(
    path: str | Path, tokenizer: str | Path | None = None, threads: int = 1, max_length: int | None = None
) -> "Predictor":
    """Load a model that predicts for texts.

    Args:
        path: a model's folder, a packed file or an ONNX file.
        tokenizer: tokenizer.json or a folder with it; None: beside the model.
        threads: threads of the CPU.
        max_length: tokens to which rows are cut; None: the limit in the packed or ONNX file, 128 for a folder.

    Raises:
        UserError: a file is missing or damaged, or the tokenizer is not the model's.
    """
    path = Path(path)
    model = open_model(path, threads)
    reader = open_reader(model, path, None if tokenizer is None else Path(tokenizer), max_length)
    return Predictor(model, reader)


class Predictor:
    """A model with its tokenizer, on the CPU."""

    def __init__(self, model: LoadedModel, reader: TextReader) -> None:
        """Predict with a model for the texts that the reader accepts."""
        self.reader = reader
        self._model = model

    @property
    def labels(self) -> list[str]:
        """The names of the labels it can answer with; none for regression."""
        config = self._model.config
        return [] if config.outputs == 1 else [config.id2label[number] for number in range(config.outputs)]

    def predict(self, texts: Iterable[Text], batch_size: int = BATCH_SIZE) -> list[Prediction]:
        """One prediction for each text, or pair of texts, in their order.

        Raises:
            UserError: a text is empty, or the model reads pairs and it is single, or the reverse.
        """
        if isinstance(texts, str):
            raise UserError(f"{texts[:20]!r} is one text: give a list of texts")
        accepted, predictions = self._accepted(texts), []
        while pool := list(islice(accepted, POOL * batch_size)):
            predictions += self._predict_pool(pool, batch_size)
        return predictions

    def _accepted(self, texts: Iterable[Text]) -> Iterator[Text]:
        for number, text in enumerate(texts, start=1):
            if fault := self.reader.fault(text):
                raise UserError(f"text {number}: {fault}")
            yield text

    def _predict_pool(self, texts: Sequence[Text], batch_size: int) -> list[Prediction]:
        rows, cut = self.reader.read(texts)
        config = self._model.config
        logits = self._model.logits(rows, batch_size)
        if config.outputs == 1:
            return [Prediction(float(value), None, was_cut) for value, was_cut in zip(logits[:, 0], cut, strict=True)]
        probabilities = softmax(logits)
        labels = probabilities.argmax(axis=1)
        best = probabilities[np.arange(len(labels)), labels]
        return [
            Prediction(config.id2label[int(label)], float(probability), was_cut)
            for label, probability, was_cut in zip(labels, best, cut, strict=True)
        ]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of shape (rows, labels), float64, from logits of that shape."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
