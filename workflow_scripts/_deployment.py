"""What export and pack share: their params, their arguments, and one file for each recipe."""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from multipress.config.base import Section
from multipress.files import replacing
from multipress.text_format import TextFormat, digest_of
from workflow_scripts._command import add_paths, parser


class Params(Section):
    """The configuration slice of these rules."""

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
    """Call ``write(checkpoint, text, file)`` for each recipe; put the tokenizer beside the files."""
    tokenizer = arguments.models / params.recipes[0] / "tokenizer.json"
    text = TextFormat(tokenizer=digest_of(tokenizer), max_length=params.max_length, pair=params.pair)
    for recipe in params.recipes:
        file = arguments.output_dir / f"{recipe}{suffix}"
        write(arguments.models / recipe, text, file)
        print(f"{file}: {file.stat().st_size / 1e6:.3f} MB")
    with replacing(arguments.output_dir / tokenizer.name) as temporary:
        shutil.copyfile(tokenizer, temporary)
