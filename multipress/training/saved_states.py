"""Saved states of a job on disk: two generations, each written whole, with its SHA-256, or not at all.

A state is a safetensors file and a manifest that names its SHA-256 and carries plain values. The manifest is written
last, so a state without one was never finished.
"""

import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import replacing, sha256
from multipress.core.tensor_files import Tensors, read_tensors, write_tensors

KEPT = 2
"""If the latest state is damaged, the one before it is taken."""

SHARE_OF_TIME = 20
"""The time between two saves is at least this many times that of a save."""


class StateFolder:
    """The states of one job, in a folder that belongs to it alone."""

    def __init__(self, folder: Path, seconds: float) -> None:
        """Save to ``folder`` about every ``seconds`` seconds."""
        self._folder, self._interval = folder, seconds
        self._saved = time.monotonic()
        self._cost = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() - self._saved >= max(self._interval, SHARE_OF_TIME * self._cost)

    def part(self, name: str) -> "StateFolder":
        """The states of one of several trainings of the job; they go with the job's."""
        return StateFolder(self._folder / name, self._interval)

    def save(self, step: int, tensors: Tensors, notes: Mapping[str, Any], kept: int = KEPT) -> None:
        """Write the state of a step, then drop all but the latest ``kept``."""
        started = time.monotonic()
        file = self._folder / f"{step:09d}.safetensors"
        write_tensors(file, tensors)
        manifest = {"step": step, "sha256": sha256(file), "notes": notes}
        with replacing(file.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(manifest), encoding="utf-8")
        for old in self._manifests()[kept:]:
            _remove(old)
        self._saved = time.monotonic()
        self._cost = self._saved - started

    def load(self) -> tuple[int, Tensors, dict[str, Any]] | None:
        """Step, tensors and notes of the latest intact state; None where there is none.

        A damaged state is refused with a line on standard error, and removed.
        """
        for manifest in self._manifests():
            try:
                return _read(manifest)
            except (OSError, ValueError, KeyError, TypeError, UserError) as error:
                print(f"the saved state {manifest.stem} is damaged ({error}): refused", file=sys.stderr, flush=True)
                _remove(manifest)
        return None

    def _manifests(self) -> list[Path]:
        """The manifests of the states, the latest first."""
        return sorted(self._folder.glob("*.json"), reverse=True)

    def clear(self) -> None:
        """Remove the job's states: its result is there."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(manifest: Path) -> tuple[int, Tensors, dict[str, Any]]:
    values = json.loads(manifest.read_text(encoding="utf-8"))
    file = manifest.with_suffix(".safetensors")
    if sha256(file) != values["sha256"]:
        raise ValueError("its checksum differs")
    return values["step"], read_tensors(file), values["notes"]


def _remove(manifest: Path) -> None:
    manifest.unlink(missing_ok=True)
    manifest.with_suffix(".safetensors").unlink(missing_ok=True)
