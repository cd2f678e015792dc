"""Check that a folder holds the encoder that the configuration asks for; reads headers alone, and needs no PyTorch."""

from pathlib import Path

from multipress.core.errors import UserError
from multipress.model.config import BertConfig
from multipress.model.config_file import read_encoder_config
from multipress.model.shape import ArchitectureSpec
from multipress.model.tensor_names import encoder_shapes, stored_names
from multipress.model.weight_files import INDEX, WEIGHTS, name_of, read_headers, weight_files

ENCODER_FILES = ("config.json", WEIGHTS)
"""What an encoder is once it is imported."""

_SHAPE = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
}
_STEP = 8
"""On a GPU, rows are padded to multiples of as many tokens."""


def encoder_sources(folder: Path) -> list[Path]:
    """The files that an encoder is imported from, config.json first.

    Raises:
        UserError: a file is missing.
    """
    weights = weight_files(folder)
    index = [folder / INDEX] if weights[0].name != WEIGHTS else []
    return [folder / "config.json", *index, *weights]


def check_encoder(folder: str | Path, spec: ArchitectureSpec) -> BertConfig:
    """Refuse a folder whose config.json and weights are not a BERT of this shape that is computed here.

    Raises:
        UserError: a file is missing or damaged, the shape differs, or the model is of another kind.
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file():
        raise UserError(f"{folder} has no config.json: an encoder is config.json and its weights")
    files = weight_files(folder)
    config = read_encoder_config(folder / "config.json")
    check_shape(config, spec, folder / "config.json")
    stored_names(read_headers(files), encoder_shapes(config), name_of(files))
    return config


def check_shape(config: BertConfig, spec: ArchitectureSpec, file: Path) -> None:
    """Refuse a configuration of another shape; messages name its ``file``.

    Raises:
        UserError: the shape differs.
    """
    for field, key in _SHAPE.items():
        found, asked = getattr(config, key), getattr(spec, field)
        if found != asked:
            raise UserError(f"{file}: {key} is {found}, the architecture has {field} {asked}; correct one of them")


def check_positions(config: BertConfig, file: Path, length: int, key: str) -> None:
    """Refuse an encoder with fewer positions than rows have tokens; ``key`` of the configuration sets their number.

    Raises:
        UserError: rows of ``length`` tokens do not fit.
    """
    positions = config.max_position_embeddings // _STEP * _STEP
    if length > positions:
        raise UserError(
            f"{file}: max_position_embeddings is {config.max_position_embeddings}, too few for rows of {length} "
            f"tokens: lower {key} to {positions} at most, or use another encoder"
        )


def check_pairs(config: BertConfig, file: Path) -> None:
    """Refuse an encoder that cannot tell two texts apart.

    Raises:
        UserError: it has one type of segments.
    """
    if config.type_vocab_size < 2:
        raise UserError(
            f"{file}: type_vocab_size is {config.type_vocab_size}, but rows of two texts need 2: use another encoder"
        )
