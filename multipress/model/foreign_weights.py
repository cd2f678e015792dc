"""Weights that others saved, under the names of the modules here: whole, of the right shapes, and finite."""

from collections.abc import Mapping
from pathlib import Path

import torch

from multipress.core.errors import UserError
from multipress.core.tensor_files import Tensors, read_tensors
from multipress.model.config import BertConfig
from multipress.model.tensor_names import CLASSIFIER, Shape, classifier_shapes, encoder_shapes, stored_names
from multipress.model.weight_files import name_of, read_headers, weight_files


def read_encoder(folder: Path, config: BertConfig) -> Tensors:
    """The tensors of an encoder by the names of ``Bert``, in the number format of the file; the pooler may be missing.

    Raises:
        UserError: the weights are damaged or not those of the configuration, or a number is not finite.
    """
    return _read(folder, encoder_shapes(config))


def check_weights(folder: Path, config: BertConfig) -> Tensors:
    """The same of an encoder that comes from elsewhere, and a line on standard output where it has no pooler."""
    tensors = read_encoder(folder, config)
    if not any(name.startswith("pooler.") for name in tensors):
        print(f"{folder} has no pooler: trainings start with a random one")
    return tensors


def read_classifier(folder: Path, config: BertConfig) -> Tensors:
    """The tensors of a classifier by the names of ``BertClassifier``; raises as ``read_encoder`` does."""
    tensors = _read(folder, classifier_shapes(config))
    return {name if name.startswith(CLASSIFIER) else f"bert.{name}": tensor for name, tensor in tensors.items()}


def check_classifier(folder: Path, config: BertConfig) -> None:
    """Compare a classifier's tensors with its configuration, without reading them.

    Raises:
        UserError: a tensor is missing, of another shape, or no part of such a model.
    """
    _find(weight_files(folder), classifier_shapes(config))


def _find(files: list[Path], wanted: Mapping[str, Shape]) -> dict[str, str]:
    """The name in the files of each wanted tensor."""
    return stored_names(read_headers(files), wanted, name_of(files))


def _read(folder: Path, wanted: Mapping[str, Shape]) -> Tensors:
    files = weight_files(folder)
    names = _find(files, wanted)
    stored = {name: tensor for file in files for name, tensor in read_tensors(file).items()}
    for original in names.values():
        if not torch.isfinite(stored[original]).all():
            raise UserError(
                f"{name_of(files)}: {original} holds numbers that are not finite: the model was saved after its "
                "training diverged, or is damaged; use another one"
            )
    return {name: stored[original] for name, original in names.items()}
