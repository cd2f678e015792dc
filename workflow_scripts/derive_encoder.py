"""Make an encoder of some of the layers of another one."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from multipress.core.settings import Section
from multipress.core.tensor_files import read_tensors, write_tensors
from multipress.model.encoder_files import check_encoder
from multipress.model.encoder_layers import with_layers
from multipress.model.shape import ArchitectureSpec
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """Which layers are kept."""

    layers: list[int]
    """Their indices, in order."""
    architecture: ArchitectureSpec
    """The shape that the encoder has then."""


def _layers_of(source: Path, kept: Sequence[int]) -> int:
    """How many layers an encoder has.

    Raises:
        UserError: not all of those that are to be kept.
    """
    config = read_json(source / "config.json")
    layers = config.get("num_hidden_layers") if isinstance(config, dict) else None
    if not isinstance(layers, int):
        raise UserError(f"{source}/config.json names no num_hidden_layers: it is no encoder's")
    if missing := [index for index in kept if not 0 <= index < layers]:
        raise UserError(f"{source} has no layer {missing[0]}: its layers are 0 to {layers - 1}")
    return layers


def main(params: Params, arguments: Namespace) -> None:
    """Keep the layers under new numbers, and everything that is no layer as it is."""
    source, target = arguments.source_dir, arguments.output_dir
    check_encoder(source, params.architecture.model_copy(update={"layers": _layers_of(source, params.layers)}))
    config = read_json(source / "config.json") | {"num_hidden_layers": len(params.layers)}
    write_json(target / "config.json", config)
    write_tensors(target / "model.safetensors", with_layers(read_tensors(source / "model.safetensors"), params.layers))
    check_encoder(target, params.architecture)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        source_dir="folder of the encoder with all layers",
        output_dir="folder for the encoder with some of them",
    )
    run(main, Params, command)
