"""Load a model of any recipe from its folder, or from a packed file."""

from pathlib import Path

from pydantic import ValidationError

from multipress import checkpoints, quantization
from multipress.bert import BertClassifier, BertConfig
from multipress.config.explain import explain
from multipress.errors import UserError
from multipress.files import read_json
from multipress.packing import Packed, unpack
from multipress.quantization_scheme import QuantizationScheme
from multipress.stored_tensors import to_state


def load_model(folder: Path) -> BertClassifier:
    """The model in evaluation mode, with its quantizers where ``quantization.json`` lies beside it.

    Raises:
        UserError: a file is missing or damaged.
    """
    model = _new_model(checkpoints.read_config(folder), read_scheme(folder))
    checkpoints.load_state(model, folder)
    return model.eval()


def load_packed(path: Path) -> tuple[BertClassifier, Packed]:
    """The model of a packed file in evaluation mode, with the bits of the one that was packed; and the file's contents.

    Raises:
        UserError: the file is missing, damaged or no packed model.
    """
    packed = unpack(path)
    model = _new_model(packed.config, packed.scheme)
    try:
        model.load_state_dict(to_state(packed.tensors), strict=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise UserError(f"{path}: its tensors do not fit its configuration ({reason}): pack the model again") from None
    return model.eval(), packed


def _new_model(config: BertConfig, scheme: QuantizationScheme | None) -> BertClassifier:
    model = BertClassifier(config)
    if scheme is not None:
        quantization.insert_quantizers(model, scheme)
    return model


def read_scheme(folder: Path) -> QuantizationScheme | None:
    """How the model is quantized; None for a float model."""
    file = folder / checkpoints.SCHEME_FILE
    if not file.exists():
        return None
    try:
        return QuantizationScheme.model_validate(read_json(file))
    except ValidationError as error:
        raise UserError(explain(error, QuantizationScheme, str(file))) from None
