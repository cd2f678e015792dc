"""The commands that README and pages show in blocks of bash."""

import os
import re
import subprocess
import sys
from pathlib import Path

from multipress.workflow.environment import ROOT

COMMAND = 'multipress() { python -m multipress "$@"; }\n'
"""For environments that have the libraries alone; tests/workflow/test_package.py has the program itself."""
TUTORIAL = "docs/start/tutorial.md"


def blocks(document):
    """The blocks, in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(document):
    """The lines of all blocks, in order."""
    return [line for block in blocks(document) for line in block.splitlines()]


def with_words(command, others):
    """A command in which some words stand for others."""
    for word, other in others.items():
        command = command.replace(word, other)
    return command


def run(script, folder, code=ROOT):
    """The finished process of a block or line, as in a shell in which .venv is activated, with a checkout's code."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(code)}
    return subprocess.run(
        ["bash", "-ec", COMMAND + script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
