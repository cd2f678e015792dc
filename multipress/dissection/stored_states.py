"""Hidden states on disk: a safetensors file a model, read layer by layer without PyTorch."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.core.settings import Section

_HEADER = "model"
"""Key of the metadata that says whose states these are."""


class StatesOf(Section):
    """Whose states a file holds, and of what."""

    task: str
    arch: str
    recipe: str
    seed: int
    dense: str
    """The recipe of the dense parent; that of the model itself where it is the parent."""
    against_layers: list[int]
    """For each layer, the embeddings as layer 0, the one of the dense parent that it is compared with."""
    sample: str
    """Digest of rows and tokens: states of the same sample alone can be compared."""
    width: int

    def __str__(self) -> str:
        """The model's name."""
        return f"{self.task}/{self.arch}/seed{self.seed}/{self.recipe}"


def write_states(path: Path, of: StatesOf, states: Mapping[str, np.ndarray]) -> None:
    """Write the states of each kind, shape (layers + 1, …, width).

    Raises:
        UserError: the file cannot be written.
    """
    arrays = {f"{kind}.{layer}": array for kind, layers in states.items() for layer, array in enumerate(layers)}
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={_HEADER: of.model_dump_json()})


class StoredStates:
    """A file of states; of it only what is asked for is read."""

    def __init__(self, path: Path) -> None:
        """Read whose states it holds.

        Raises:
            UserError: the file is missing, damaged or of another kind.
        """
        self.path = path
        try:
            with safe_open(path, framework="numpy") as file:
                self.of = StatesOf.model_validate(json.loads((file.metadata() or {})[_HEADER]))
        except (OSError, SafetensorError, KeyError, ValueError, ValidationError) as error:
            raise self._damaged(error) from None

    def read(self, kind: str, layer: int) -> np.ndarray:
        """States of one layer, float16: of ``tokens`` shape (tokens, width), of ``mean`` (rows, width).

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            with safe_open(self.path, framework="numpy") as file:
                return file.get_tensor(f"{kind}.{layer}")
        except (OSError, SafetensorError) as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> UserError:
        reason = " ".join(str(error).split())
        return UserError(f"{self.path} holds no states of a model ({reason}): delete it and rerun the rule represent")
