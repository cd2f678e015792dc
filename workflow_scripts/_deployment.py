"""What export and pack share: their params, their arguments, and one file for each recipe."""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from multipress.core.files import replacing
from multipress.core.settings import Section
from multipress.data.text_format import TextFormat, sha256_or_error
from multipress.deployment.manifest import write_manifest
from workflow_scripts._command import add_paths, parser


class Params(Section):
    """The settings of these rules."""

    recipes: list[str]
    max_length: int
    pair: bool


def deployment_parser(description: str | None) -> argparse.ArgumentParser:
    """Arguments of a script that turns checkpoints into files."""
    result = parser(description)
    add_paths(
        result,
        models="folder with one folder for each recipe",
        output_dir="folder of the files to write, and of the tokenizer beside them",
    )
    return result


def write_each(
    params: Params, arguments: argparse.Namespace, suffix: str, write: Callable[[Path, TextFormat, Path], None]
) -> None:
    """Call ``write(checkpoint, text, file)`` for each recipe; put the tokenizer beside the files.

    Files of other recipes, which an earlier configuration had, go. The manifest comes last: it changes whenever one of
    the files does.
    """
    tokenizer = arguments.models / params.recipes[0] / "tokenizer.json"
    text = TextFormat(tokenizer=sha256_or_error(tokenizer), max_length=params.max_length, pair=params.pair)
    with replacing(arguments.output_dir / tokenizer.name) as temporary:
        shutil.copyfile(tokenizer, temporary)
    files = {recipe: arguments.output_dir / f"{recipe}{suffix}" for recipe in params.recipes}
    for former in set(arguments.output_dir.glob(f"*{suffix}")) - set(files.values()):
        former.unlink()
    for recipe, file in files.items():
        write(arguments.models / recipe, text, file)
        print(f"{file}: {file.stat().st_size / 1e6:.3f} MB")
    write_manifest(arguments.output_dir, files.values())
