"""The tensors of a BERT by name, and which of a file's tensors they are: under old names, beside heads and buffers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from multipress.core.errors import UserError
from multipress.model.config import BertConfig

Shape = tuple[int, ...]

FLOATS = ("F64", "F32", "F16", "BF16")
"""Number formats of weights, by safetensors' names; all are computed in float32."""

CLASSIFIER = "classifier."
"""How the tensors of a classifier's head begin."""

_BACKBONE = ("embeddings.", "encoder.", "pooler.")
_WORDS = "embeddings.word_embeddings.weight"
_BUFFERS = ("embeddings.position_ids", "embeddings.token_type_ids")
"""Numbers from 0 on, and zeros, which versions of transformers before 4.31 wrote beside the weights."""


@dataclass(frozen=True)
class TensorHeader:
    """What the header of a file says of a tensor."""

    shape: Shape
    kind: str
    """safetensors' name of its number format."""


def modern_name(name: str) -> str:
    """A name without the ``bert.`` prefix, and with LayerNorm's parameters no longer called gamma and beta."""
    name = name.removeprefix("bert.")
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def encoder_shapes(config: BertConfig) -> dict[str, Shape]:
    """The tensors of an encoder with its pooler, as ``Bert`` names them, and their shapes."""
    hidden = config.hidden_size
    found: dict[str, Shape] = {
        _WORDS: (config.vocab_size, hidden),
        "embeddings.position_embeddings.weight": (config.max_position_embeddings, hidden),
        "embeddings.token_type_embeddings.weight": (config.type_vocab_size, hidden),
        **_norm("embeddings", hidden),
    }
    for number in range(config.num_hidden_layers):
        found |= dict(_layer(f"encoder.layer.{number}", hidden, config.intermediate_size))
    return found | _linear("pooler.dense", hidden, hidden)


def classifier_shapes(config: BertConfig) -> dict[str, Shape]:
    """The same with the classifier's head."""
    return encoder_shapes(config) | _linear("classifier", config.hidden_size, config.outputs)


def _layer(layer: str, hidden: int, wide: int) -> Iterator[tuple[str, Shape]]:
    for name in ("query", "key", "value"):
        yield from _linear(f"{layer}.attention.self.{name}", hidden, hidden).items()
    for name, inputs in (("attention.output", hidden), ("output", wide)):
        yield from _linear(f"{layer}.{name}.dense", inputs, hidden).items()
        yield from _norm(f"{layer}.{name}", hidden).items()
    yield from _linear(f"{layer}.intermediate.dense", hidden, wide).items()


def _linear(name: str, inputs: int, outputs: int) -> dict[str, Shape]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str, hidden: int) -> dict[str, Shape]:
    return {f"{name}.LayerNorm.weight": (hidden,), f"{name}.LayerNorm.bias": (hidden,)}


def stored_names(stored: Mapping[str, TensorHeader], wanted: Mapping[str, Shape], file: str) -> dict[str, str]:
    """The name in a file of each wanted tensor. A pooler may be missing as a whole.

    Other heads than a wanted one and old buffers stay behind: nothing here would read them.

    Raises:
        UserError: a tensor is missing, of another shape, quantized, there twice, or part of another kind of model.
    """
    found = _by_modern_name(stored, file)
    _check_present(found, wanted, file)
    kept = {name: found[name] for name in wanted if name in found}
    for name, original in kept.items():
        tensor = stored[original]
        if tensor.shape != wanted[name]:
            raise UserError(
                f"{file}: {original} has shape {tensor.shape}, config.json wants {wanted[name]}; correct one of them"
            )
        if tensor.kind not in FLOATS:
            raise UserError(f"{file}: {original} is stored as {tensor.kind}: quantized models are not read; use floats")
    own = [original for name, original in found.items() if name.startswith(_BACKBONE) and name not in _BUFFERS]
    if strange := sorted(set(own) - set(kept.values())):
        raise UserError(
            f"{file}: {strange[0]} is no part of the BERT that config.json describes: correct config.json, or use "
            "another model"
        )
    return kept


def _by_modern_name(stored: Mapping[str, TensorHeader], file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for original in sorted(stored):
        if (other := found.setdefault(modern_name(original), original)) != original:
            raise UserError(f"{file} holds {other} and {original}, two names of one tensor: keep one of them")
    return found


def _check_present(found: Mapping[str, str], wanted: Mapping[str, Shape], file: str) -> None:
    missing = [name for name in wanted if name not in found]
    head = [name for name in wanted if name.startswith(CLASSIFIER)]
    pooler = [name for name in wanted if name.startswith("pooler.")]
    if unlike := [start for start in (_WORDS, "encoder.layer.") if not any(name.startswith(start) for name in found)]:
        raise UserError(
            f"{file} holds no {unlike[0]} (with or without bert.): its tensors begin with {_beginnings(found)}, "
            "so it is no BERT; name another model"
        )
    if set(head) & set(missing):
        raise UserError(f"{file} lacks {head[0]}: it is an encoder without a classifier; fine-tune it first")
    if missing and (head or missing != pooler):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(f"{file} lacks {missing[0]}{more}: correct config.json, or fetch the weights again")


def _beginnings(names: Mapping[str, str]) -> str:
    """The first parts of the tensors' names."""
    first = sorted({name.partition(".")[0] for name in names})
    return ", ".join(f"{part}." for part in first[:4]) or "nothing"
