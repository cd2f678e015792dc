"""From a checkpoint to its packed file, and from a packed file to a model."""

from pathlib import Path

from multipress.compression.rebuild import new_model, open_checkpoint
from multipress.core.errors import UserError
from multipress.data.text_format import TextFormat
from multipress.deployment.packed_file import Packed, pack, unpack
from multipress.deployment.stored_tensors import from_model, to_state
from multipress.model.bert import BertClassifier


def pack_checkpoint(folder: Path, text: TextFormat, path: Path) -> None:
    """Pack the model of a folder.

    Raises:
        UserError: a file is missing or damaged, or weights and steps do not belong together.
    """
    checkpoint = open_checkpoint(folder)
    tensors = from_model(checkpoint.model)
    pack(Packed(checkpoint.model.config, checkpoint.steps, text, tensors), path)


def load_packed(path: Path) -> tuple[BertClassifier, Packed]:
    """The model of a packed file in evaluation mode, with the bits of the one that was packed; and the file's contents.

    Raises:
        UserError: the file is missing, damaged or no packed model.
    """
    packed = unpack(path)
    model = new_model(packed.config, packed.steps)
    try:
        model.load_state_dict(to_state(packed.tensors), strict=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise UserError(f"{path}: its tensors do not fit its configuration ({reason}): pack the model again") from None
    return model.eval(), packed
