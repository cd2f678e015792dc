"""What jobs need in their environment to find this repository and this Python."""

import os
import sys
from pathlib import Path


def settle(root: Path) -> None:
    """Put ``root`` on PYTHONPATH and this interpreter's folder first on PATH: jobs inherit both."""
    modules, programs = os.environ.get("PYTHONPATH"), os.environ.get("PATH", os.defpath)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), modules]))
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), programs])
