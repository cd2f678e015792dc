"""What stays on the disk."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class StorageSettings(Section):
    """Which large files stay once nothing in the run needs them any more; does not affect results."""

    checkpoints: Literal["all", "quantized", "none"] = Field(
        "all", description="quantized: those of int and ptq recipes alone. Packed files rebuild each model exactly."
    )
    onnx: bool = Field(True, description="Whether ONNX models stay once they have been run and measured.")
    dvc: bool = Field(True, description="Whether DVC takes the results at the end, with a copy of them in its cache.")

    @property
    def keeps_float(self) -> bool:
        """Whether checkpoints of ft, kd and mp recipes stay."""
        return self.checkpoints == "all"

    @property
    def keeps_quantized(self) -> bool:
        """Whether checkpoints of int and ptq recipes stay."""
        return self.checkpoints != "none"
