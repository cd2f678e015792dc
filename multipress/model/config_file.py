"""The one reader of config.json: what a model says of itself is computed, or refused by the name of the key.

transformers is the judge of what a key means. Keys that change no number pass. What the study sets itself is not taken
over: dropout, and of an encoder the head.
"""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.validation import explain
from multipress.model.config import STUDENT, BertConfig

_COMPUTED: dict[str, Any] = {
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "is_encoder_decoder": False,
    "add_cross_attention": False,
    "pruned_heads": {},
    "directionality": "bidi",
    "pooler_type": "first_token_transform",
    "quantization_config": None,
    "auto_map": None,
}
"""Keys that mean another computation, each with the one value that is computed here; null and no key are that, too."""

_HEAD = ("architectures", "problem_type", "num_labels", "id2label", "label2id")
"""Keys of the layers on top of an encoder."""

_CLASSIFIER = "BertForSequenceClassification"
_BERTS = re.compile(r"(TF|Flax)?Bert(Model|LMHeadModel|For[A-Z]\w*)")
_MOST_LABELS = 100_000
_LONGEST = 80
"""Characters that are shown of a value."""


def read_encoder_config(file: Path) -> BertConfig:
    """The configuration of an encoder, whatever head it was saved with.

    Raises:
        UserError: the file is missing or damaged, it is of another kind of model, or a key asks for what is not
            computed here.
    """
    values = _read(file)
    if values.get("model_type") == STUDENT:
        raise UserError(f"{file} is of a model without attention, which is no encoder: name a BERT")
    return _validated(file, {key: value for key, value in values.items() if key not in _HEAD})


def read_classifier_config(file: Path) -> BertConfig:
    """The configuration of a classifier; raises as ``read_encoder_config`` does, and where its head is another one."""
    values = _read(file)
    if values.get("model_type") == STUDENT:
        return _validated(file, values | {"architectures": []} | _labels(file, values))
    classes = _classes(values)
    if classes and _CLASSIFIER not in classes:
        raise UserError(
            f"{file}: architectures is {_shown(classes)}, and predictions are made with {_CLASSIFIER} alone: "
            "name a fine-tuned classifier"
        )
    config = _validated(file, values | {"architectures": [_CLASSIFIER]} | _labels(file, values))
    if config.problem_type and (config.problem_type == "regression") != (config.outputs == 1):
        raise UserError(
            f"{file}: problem_type is {config.problem_type}, but the labels (id2label) are {config.outputs}: "
            "regression has one, classification two or more; correct one of them"
        )
    return config


def _read(file: Path) -> dict[str, Any]:
    """The keys of a config.json that describes a plain BERT."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): a model is its config.json and weights") from None
    except ValueError as error:
        raise UserError(f"{file} is not valid JSON ({error}): fetch or make it again") from None
    if not isinstance(values, dict):
        raise UserError(f"{file} holds no keys: it is not the config.json of a model")
    _check_kind(file, values)
    for key, computed in _COMPUTED.items():
        if values.get(key, computed) not in (computed, None):
            alone = f"only {key} {_shown(computed)} is" if computed is not None else f"models without {key} alone are"
            raise UserError(f"{file}: {key} is {_shown(values[key])}, but {alone} computed here: use another model")
    return values


def _check_kind(file: Path, values: dict[str, Any]) -> None:
    """Refuse what is no BERT; where model_type is missing, as in BERT's first releases, architectures tells."""
    kind = values.get("model_type")
    if kind not in ("bert", STUDENT, None):
        raise UserError(f"{file}: model_type is {_shown(kind)}, and BERT (bert) alone is computed here: name a BERT")
    others = [name for name in _classes(values) if not _BERTS.fullmatch(name)]
    if kind is None and others:
        raise UserError(
            f"{file} has no model_type, and its architectures name {others[0]}, which is none of BERT's: "
            'name a BERT, or if it is one, add "model_type": "bert"'
        )


def _classes(values: dict[str, Any]) -> list[str]:
    """The classes of transformers that the model was saved from."""
    found = values.get("architectures") or []
    return [str(name) for name in found] if isinstance(found, list) else [str(found)]


def _labels(file: Path, values: dict[str, Any]) -> dict[str, Any]:
    """The labels as transformers reads them: id2label, else as many as num_labels says, else two."""
    names, number = values.get("id2label"), values.get("num_labels")
    if number is not None and not (isinstance(number, int) and 1 <= number <= _MOST_LABELS):
        raise UserError(f"{file}: num_labels is {_shown(number)}: it must be a whole number from 1 to {_MOST_LABELS}")
    if names is None:
        names = {str(label): f"LABEL_{label}" for label in range(number or 2)}
    if not isinstance(names, dict) or sorted(names) != sorted(map(str, range(len(names)))) or not names:
        raise UserError(f"{file}: id2label is {_shown(names)}: it must give each id from 0 on a name")
    if number not in (None, len(names)):
        raise UserError(f"{file}: num_labels is {_shown(number)}, but id2label has {len(names)} labels; correct one")
    return {"id2label": names, "label2id": {str(name): int(label) for label, name in names.items()}}


def _validated(file: Path, values: dict[str, Any]) -> BertConfig:
    try:
        return BertConfig.model_validate(values | {"model_type": values.get("model_type") or "bert"})
    except ValidationError as error:
        raise UserError(explain(error, BertConfig, str(file))) from None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
