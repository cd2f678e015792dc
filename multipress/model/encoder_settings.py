"""Where the encoders come from."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class HubEncoder(Section):
    """An encoder on the Hugging Face hub."""

    repository: str
    revision: str = Field(pattern="^([0-9a-f]{40}|main)$", description="Commit of the repository.")


class EncoderSettings(Section):
    """Where the weights come from that fine-tuning and distillation start with."""

    source: Literal["hub", "folder", "pretrain", "scratch"] = Field("hub", description="Source of pretrained weights.")
    folder: str | None = Field(
        None, description="Folder with <arch>/model.safetensors and config.json, for source: folder."
    )
    hub: dict[str, HubEncoder] = Field({}, description="Repository and commit of each architecture.")
