"""Load a model of any recipe from its folder."""

from pathlib import Path

from pydantic import ValidationError

from multipress.compression.quantize import layers
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.validation import explain
from multipress.model import checkpoints
from multipress.model.bert import BertClassifier, BertConfig


def load_model(folder: Path) -> BertClassifier:
    """The model in evaluation mode, with its quantizers where ``quantization.json`` lies beside it.

    Raises:
        UserError: a file is missing or damaged.
    """
    model = new_model(checkpoints.read_config(folder), read_scheme(folder))
    checkpoints.load_state(model, folder)
    return model.eval()


def new_model(config: BertConfig, scheme: QuantizationScheme | None) -> BertClassifier:
    """A model with random weights, with quantizers where there is a scheme."""
    model = BertClassifier(config)
    if scheme is not None:
        layers.insert_quantizers(model, scheme)
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
