"""Exported models in OpenVINO, called as a ``BertClassifier`` is."""

from pathlib import Path

import openvino
import torch

from multipress.core.errors import UserError
from multipress.deployment.manifest import check_digest
from multipress.deployment.onnx_interface import OUTPUT, feed

PRECISION = "f32"
"""Number format of what is not quantized: by default OpenVINO computes in bfloat16 where the CPU can."""


def leaves_zeros_out() -> bool:
    """Whether products skip zeros of the weights: by default they do not, and its latency knows no sparsity."""
    try:
        return float(openvino.Core().get_property("CPU", "CPU_SPARSE_WEIGHTS_DECOMPRESSION_RATE")) < 1
    except (RuntimeError, TypeError, ValueError):  # another version may not say
        return True


class OpenVinoModel:
    """An ONNX model in OpenVINO, on the CPU."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Compile a model.

        Raises:
            UserError: the file is missing, changed or damaged.
        """
        check_digest(path)
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": PRECISION,
        }
        try:
            self._compiled = openvino.Core().compile_model(str(path), "CPU", options)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise UserError(f"{path} is missing or no intact ONNX model ({reason}): export the model again") from None
        self._request = self._compiled.create_infer_request()

    def __call__(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of shape (rows, outputs) from ids, mask and segments of shape (rows, length)."""
        inputs = feed(input_ids, attention_mask, token_type_ids)
        return torch.from_numpy(self._request.infer(inputs, share_inputs=True)[OUTPUT])
