"""Every verb of the command ``multipress``: what it needs, an example, its arguments, its exit status."""

import argparse
import importlib
from collections.abc import Iterator

from multipress.commands.verbs import EXIT_STATUS, VERBS, CommandParser
from multipress.documentation.markdown import block, code, plain, table
from multipress.workflow.environment import ROOT


def commands() -> str:
    """A table of all, then a heading for each."""
    rows = ((f"[`{name}`](#{name})", plain(verb.summary), _needs(name)) for name, verb in VERBS.items())
    return "\n\n".join([table(("verb", "answers", "needs the extra"), rows), *map(_verb, VERBS)])


def _needs(name: str) -> str:
    verb = VERBS[name]
    extra = f"`{verb.extra}`" if verb.extra else "none"
    return f"{extra}, a checkout" if verb.wants_checkout else extra


def _verb(name: str) -> str:
    module = importlib.import_module(f"multipress.commands.{name}")
    parser = CommandParser(prog=f"multipress {name}", add_help=False)
    module.add_arguments(parser)
    paragraphs = (module.__doc__ or "").strip().split("\n\n")
    parts = [f"## {name}", *map(plain, paragraphs), block(module.EXAMPLE)]
    if arguments := list(_arguments(parser)):
        parts.append(table(("argument", "what"), arguments))
    return "\n\n".join([*parts, f"Exit status: {plain(getattr(module, 'EXIT_STATUS', EXIT_STATUS))}."])


def _arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        said = (action.help or "") % (vars(action) | {"prog": parser.prog})
        if action.required and action.option_strings:
            said += " (must be given)"
        yield code(_written(action)), plain(said.replace(f"{ROOT}/", ""))


def _written(action: argparse.Action) -> str:
    """An argument as a command line has it."""
    choices = "{" + ", ".join(map(str, action.choices)) + "}" if action.choices else ""
    name = str(action.metavar or choices or action.dest.upper())
    several = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]", 0: ""}
    value = several.get(action.nargs, name) if action.nargs is not None else name
    return " ".join(filter(None, [", ".join(action.option_strings), value]))
