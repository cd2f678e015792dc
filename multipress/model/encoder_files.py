"""Check that a folder holds the encoder that the configuration asks for."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.model.shape import ArchitectureSpec

ENCODER_FILES = ("config.json", "model.safetensors")

_SHAPE = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
}
_WORD_EMBEDDINGS = ("embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight")


def check_encoder(folder: str | Path, spec: ArchitectureSpec) -> None:
    """Refuse a folder whose config.json and model.safetensors are not a BERT of this shape.

    Raises:
        UserError: a file is missing or damaged, or the shape differs.
    """
    folder = Path(folder)
    for name in ENCODER_FILES:
        if not (folder / name).is_file():
            raise UserError(
                f"{folder} has no {name}{_pickle_hint(folder)}; an encoder is {' and '.join(ENCODER_FILES)}"
            )
    _check_config(folder / "config.json", spec)
    _check_weights(folder / "model.safetensors", spec)


def _pickle_hint(folder: Path) -> str:
    if not (folder / "pytorch_model.bin").is_file():
        return ""
    return ", only pytorch_model.bin, which is a pickle and never loaded (save_pretrained writes safetensors)"


def _check_config(path: Path, spec: ArchitectureSpec) -> None:
    config = read_json(path)
    if not isinstance(config, dict) or config.get("model_type") != "bert":
        raise UserError(f"{path} is not the config of a BERT (model_type bert): name another encoder")
    for field, key in _SHAPE.items():
        found, asked = config.get(key), getattr(spec, field)
        if found != asked:
            raise UserError(f"{path}: {key} is {found}, the architecture has {field} {asked}; correct one of them")


def _check_weights(path: Path, spec: ArchitectureSpec) -> None:
    try:
        with safe_open(path, framework="numpy") as weights:
            names = set(weights.keys())
            name = next((name for name in _WORD_EMBEDDINGS if name in names), None)
            width = weights.get_slice(name).get_shape()[-1] if name else None
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is no intact safetensors file ({error}); fetch it again") from None
    if name is None:
        raise UserError(f"{path} holds no {_WORD_EMBEDDINGS[0]} (with or without bert.): it is not a BERT encoder")
    if width != spec.hidden:
        raise UserError(f"{path}: {name} is {width} wide, the architecture's hidden is {spec.hidden}; correct one")
