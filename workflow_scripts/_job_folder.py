"""A job's own folder in the scratch folder, under a fingerprint of all that what it keeps depends on."""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def job_folder(scratch: Path, name: str, key: dict[str, Any]) -> Path:
    """The folder of a job for this ``key``, which the job makes; those of the same job with another key go."""
    fingerprint = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    folder = scratch / name / fingerprint
    for other in folder.parent.glob("*"):
        if other.name != fingerprint:
            print(f"{other}: state of other settings, inputs or code, removed", file=sys.stderr)
            shutil.rmtree(other, ignore_errors=True)
    return folder
