"""The parser of ``multipress <verb>``. It imports the module of the verb that was called, and of no other."""

import argparse
import importlib
import sys
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

import multipress
from multipress.core.command_line import run_command
from multipress.core.errors import UserError
from multipress.core.extras import needing
from multipress.workflow.environment import ROOT


class Verb(NamedTuple):
    """What is known of a verb without its module."""

    summary: str
    extra: str
    """The extra of the package that it may need."""
    wants_checkout: bool = False
    """Whether it looks at rules and configurations, which are in no installed package."""


VERBS = {
    "shrink": Verb(
        "from a file of labelled texts to the smallest model that is good enough", "shrink", wants_checkout=True
    ),
    "predict": Verb("label texts with a model", "torch"),
    "analyze": Verb("do compressions multiply? from any table of results", "analysis"),
    "recommend": Verb("the smallest model within some points of another", "analysis"),
    "reference": Verb("do sizes multiply in the paper's own figure?", "analysis"),
    "trace": Verb("where a number of a table comes from", "workflow"),
    "audit": Verb("is what lies on the disk what was recorded?", "workflow", wants_checkout=True),
    "why": Verb("what is stale, and why", "workflow", wants_checkout=True),
    "restore": Verb("in a fresh clone: a recorded run from DVC's remote", "workflow", wants_checkout=True),
    "gc": Verb("what takes space and is not needed", "workflow", wants_checkout=True),
    "report": Verb("one HTML file of a finished run", "workflow", wants_checkout=True),
    "doctor": Verb("what is installed, what is missing, and what this machine has", ""),
    "demo": Verb("the whole graph on synthetic tasks and miniature models", "workflow", wants_checkout=True),
}

EXAMPLE = "multipress predict --model kd-mp60-int8.onnx reviews.txt"
EXIT_STATUS = "0, done; 1, a mistake, said in one line; 2, a mistake on the command line"
"""Of a verb whose module says nothing else."""
_CHECKOUT = (
    "this looks at the rules of a checkout, and here multipress is installed without them: "
    "call it in a clone of the repository whose environment make has set up"
)


class CommandParser(argparse.ArgumentParser):
    """Help begins with an example; a mistake is one line and status 2."""

    example = EXAMPLE
    exit_status = EXIT_STATUS

    def __init__(self, **options: Any) -> None:
        """As the parser that it extends; descriptions keep their lines."""
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def format_help(self) -> str:
        """Examples, the usage and the rest, what the exit status means."""
        examples = "".join(f"    {line}\n" for line in self.example.strip().splitlines())
        return f"{examples}\n{super().format_help()}\nexit status: {self.exit_status}\n"

    def error(self, message: str) -> NoReturn:
        """End with one line."""
        self.exit(2, f"{self.prog}: error: {message}; {self.prog} --help shows an example\n")


class VerbParser(CommandParser):
    """The parser of a verb, which gets its arguments from the verb's module when it is called."""

    _is_filled = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As the parser that it extends, with the verb's arguments."""
        if not self._is_filled:
            self._fill(self.prog.split()[-1])
        return super().parse_known_args(args, namespace)

    def _fill(self, name: str) -> None:
        sys.argv[0] = self.prog  # what messages begin with
        try:
            self.fill(name)
        except UserError as error:
            self.exit(1, f"{self.prog}: error: {error}\n")

    def fill(self, name: str) -> None:
        """Take the arguments and the help of the verb's module.

        Raises:
            UserError: the verb cannot be called here; the message says why.
        """
        verb, self._is_filled = VERBS[name], True
        if verb.wants_checkout and not (ROOT / "Snakefile").is_file():
            raise UserError(_CHECKOUT)
        with needing(verb.extra):
            module = importlib.import_module(f"multipress.commands.{name}")
        self.description, self.example = module.__doc__, module.EXAMPLE
        self.exit_status = getattr(module, "EXIT_STATUS", EXIT_STATUS)
        self.set_defaults(run=partial(_run, module, verb.extra))
        module.add_arguments(self)


class _PrintCompletion(argparse.Action):
    """Print a script by which a shell completes verbs and options, and end; a verb that lacks an extra has none."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: Any = None) -> None:
        """Fill all verbs, and let shtab write the script."""
        try:
            with needing("workflow"):
                import shtab
        except UserError as error:
            parser.exit(1, f"{parser.prog}: error: {error}\n")
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, verb in action.choices.items():
                    with suppress(UserError):
                        verb.fill(name)
        print(shtab.complete(parser, values))
        parser.exit(0)


def _run(module: ModuleType, extra: str, arguments: argparse.Namespace) -> None:
    """Run a verb; it may import late what the extra brings."""
    with needing(extra):
        module.main(arguments)


def parser() -> CommandParser:
    """The parser of all verbs."""
    result = CommandParser(prog="multipress", description=multipress.__doc__)
    result.add_argument("--version", action="version", version=f"%(prog)s {multipress.__version__}")
    result.add_argument(
        "--print-completion",
        action=_PrintCompletion,
        choices=["bash", "zsh", "tcsh"],
        help='a script for your shell: eval "$(multipress --print-completion bash)"',
    )
    verbs = result.add_subparsers(required=True, metavar="VERB", parser_class=VerbParser)
    for name, verb in VERBS.items():
        verbs.add_parser(name, help=verb.summary)
    return result


def main() -> None:
    """Run the verb of the command line."""
    run_command(lambda arguments: arguments.run(arguments), parser())
