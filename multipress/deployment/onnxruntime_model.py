"""Exported models in onnxruntime."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.machine import instructions
from multipress.data.text_format import TextFormat
from multipress.data.tokens import Tokens
from multipress.deployment.manifest import check_digest
from multipress.deployment.onnx_interface import CONFIG, OUTPUT, TEXT, feed, feed_of_rows
from multipress.model.config import BertConfig

if TYPE_CHECKING:  # the base of the package does without
    import torch


def sums_saturate(instructions: list[str] | None) -> bool:
    """Whether sums of products of uint8 and int8 do, on an x86 CPU with these instructions; None: they are not known.

    AVX2 adds pairs of them in 16 bits; VNNI and AMX add in 32.
    """
    return instructions is None or not any("vnni" in name or "amx_int8" in name for name in instructions)


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """Options with which onnxruntime executes an exported model on ``threads`` threads, and no product overflows."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    if sums_saturate(instructions()):
        # Exact products, of uint8 and uint8: with VNNI they take up to twice the time.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


class OnnxModel:
    """An ONNX model in onnxruntime, on the CPU."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load a model that ``export`` made.

        Raises:
            UserError: the file is missing, changed or damaged, or comes from elsewhere.
        """
        check_digest(path)
        options = session_options(threads)
        try:
            self._session = onnxruntime.InferenceSession(
                path,
                options,
                ["CPUExecutionProvider"],
                enable_fallback=False,  # which prints
            )
        except Exception as error:  # the library's classes have no common base of their own
            raise UserError(f"{path} is missing or no intact ONNX model ({error}): export the model again") from None
        stored = self._session.get_modelmeta().custom_metadata_map
        if not {CONFIG, TEXT} <= stored.keys():
            raise UserError(f"{path} is an ONNX model from elsewhere: name one that the rule export made")
        try:
            self.config = BertConfig.model_validate_json(stored[CONFIG])
            self.text = TextFormat.model_validate_json(stored[TEXT])
        except ValidationError:
            raise UserError(f"{path} is damaged or of another version: export the model again") from None

    def logits(self, tokens: Tokens, batch_size: int) -> np.ndarray:
        """Logits of shape (rows, outputs), float32, in the order of the rows; batches go by length."""
        result = np.zeros((len(tokens), self.config.outputs), np.float32)
        order = np.argsort(tokens.lengths, kind="stable")
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            result[rows] = self._run(feed_of_rows(tokens, rows))
        return result

    def __call__(
        self,
        input_ids: "torch.Tensor",
        attention_mask: "torch.Tensor | None" = None,
        token_type_ids: "torch.Tensor | None" = None,
    ) -> "torch.Tensor":
        """As a ``BertClassifier``: logits (rows, outputs) from ids, mask and segments of shape (rows, length)."""
        import torch

        return torch.from_numpy(self._run(feed(input_ids, attention_mask, token_type_ids)))

    def _run(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        logits: np.ndarray = self._session.run([OUTPUT], inputs)[0]
        return logits
