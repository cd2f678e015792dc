"""Load a model of any recipe from its folder."""

from pathlib import Path

from pydantic import ValidationError

from multipress import checkpoints, quantization
from multipress.bert import BertClassifier
from multipress.config.explain import explain
from multipress.errors import UserError
from multipress.fake_quantization import QuantizationScheme
from multipress.files import read_json


def load_model(folder: Path) -> BertClassifier:
    """The model in evaluation mode, with its quantizers where ``quantization.json`` lies beside it.

    Raises:
        UserError: a file is missing or damaged.
    """
    scheme = read_scheme(folder)
    if scheme is None:
        return checkpoints.load_float(folder).eval()
    model = BertClassifier(checkpoints.read_config(folder))
    quantization.insert_quantizers(model, scheme)
    checkpoints.load_state(model, folder)
    return model.eval()


def read_scheme(folder: Path) -> QuantizationScheme | None:
    """How the model is quantized; None for a float model."""
    file = folder / checkpoints.SCHEME_FILE
    if not file.exists():
        return None
    try:
        return QuantizationScheme.model_validate(read_json(file))
    except ValidationError as error:
        raise UserError(explain(error, QuantizationScheme, str(file))) from None
