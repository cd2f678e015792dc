"""What stays on the disk."""

from typing import Literal

from pydantic import Field

from multipress.compression.method import Group
from multipress.core.settings import Section


class StorageSettings(Section):
    """Which large files stay once nothing in the run needs them any more; does not affect results."""

    checkpoints: Literal["all", "quantized", "none"] = Field(
        "all", description="quantized: those of quantized models alone. Packed files rebuild each model exactly."
    )
    onnx: bool = Field(True, description="Whether ONNX models stay once they have been run and measured.")
    states: bool = Field(False, description="Whether hidden states stay once they have been compared.")
    dvc: bool = Field(True, description="Whether DVC takes the results at the end, with a copy of them in its cache.")

    @property
    def keeps_float(self) -> bool:
        """Whether checkpoints stay whose recipes do not quantize."""
        return self.checkpoints == "all"

    @property
    def keeps_quantized(self) -> bool:
        """Whether checkpoints of quantized models stay."""
        return self.checkpoints != "none"

    def keeps(self, group: Group) -> bool:
        """Whether checkpoints stay whose last step is one of this group."""
        return self.keeps_float if group < Group.PRECISION else self.keeps_quantized
