"""Where a model's weights lie: in one safetensors file, or in shards that an index names."""

import json
import os
import shlex
from pathlib import Path

from safetensors import SafetensorError, safe_open

from multipress.core.errors import UserError
from multipress.model.tensor_names import TensorHeader

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"

_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_OTHERS = ("tf_model.h5", "flax_model.msgpack", "bert_model.ckpt.index")
_CONVERT = (
    "import glob, torch, safetensors.torch as s; "
    "parts = [torch.load(f, 'cpu', weights_only=True) for f in glob.glob('pytorch_model*.bin')]; "
    f"s.save_file({{k: v.contiguous().clone() for part in parts for k, v in part.items()}}, '{WEIGHTS}')"
)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a folder.

    Raises:
        UserError: there are none, or a shard is missing.
    """
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / INDEX).is_file():
        return _shards(folder)
    for name in _PICKLES:
        if (folder / name).is_file():
            raise UserError(
                f"{folder} has no {WEIGHTS}, only {name}, which is a pickle and never loaded; "
                f'convert it: (cd {shlex.quote(str(folder))} && python -c "{_CONVERT}")'
            )
    for name in _OTHERS:
        if (folder / name).is_file():
            raise UserError(f"{folder} has no {WEIGHTS}, only {name}, of TensorFlow or Flax: save it from PyTorch")
    raise UserError(f"{folder} has no {WEIGHTS}: a model is config.json and its weights there, or in shards ({INDEX})")


def name_of(files: list[Path]) -> str:
    """What errors call the files of a model: the only one, or the index of several."""
    return str(files[0] if len(files) == 1 else files[0].with_name(INDEX))


def _shards(folder: Path) -> list[Path]:
    index = folder / INDEX
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise UserError(f"{index} is no index of shards (weight_map): fetch it again") from None
    if not names or any(Path(str(name)).name != name for name in names):
        raise UserError(f"{index}: weight_map must name files beside it: fetch it again")
    for name in names:
        if not (folder / name).is_file():
            raise UserError(f"{folder} has no {name}, a shard that {INDEX} names: fetch it again")
    return [folder / name for name in names]


def read_headers(files: list[Path]) -> dict[str, TensorHeader]:
    """Shapes and number formats of all tensors in the files, by name, without reading the tensors.

    Raises:
        UserError: a file is missing or cut, or two files hold one tensor.
    """
    found: dict[str, TensorHeader] = {}
    for file in files:
        if not os.access(file, os.R_OK):
            raise UserError(f"{file} cannot be read: correct its permissions")
        try:
            with safe_open(file, framework="numpy") as weights:
                headers = {name: weights.get_slice(name) for name in weights.keys()}  # noqa: SIM118 no mapping
                new = {name: TensorHeader(tuple(part.get_shape()), part.get_dtype()) for name, part in headers.items()}
        except (SafetensorError, OSError) as error:
            raise UserError(f"{file} is no intact safetensors file ({error}); fetch it again") from None
        if twice := sorted(found.keys() & new.keys()):
            raise UserError(f"{file}: {twice[0]} is in another shard, too: fetch the shards again")
        found |= new
    return found
