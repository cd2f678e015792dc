"""The jobs of a real run, killed: what comes of them has the bits of an uninterrupted run."""

import json
import random
import signal
import time

import pytest

from tests.workflow.kills import STAGES, check, stages_of


@pytest.fixture(scope="module")
def stages(finished, tmp_path_factory):
    process = finished.run("all", flags=["--dry-run", "--forceall", "--printshellcmds"])
    assert process.returncode == 0, process.stderr
    return stages_of(process.stdout + process.stderr, tmp_path_factory.mktemp("kills"), finished.folder, epochs=60)


@pytest.mark.parametrize("name", STAGES)
def test_a_killed_job_ends_with_the_same_checkpoint(stages, name):
    assert check(stages[name], kills=1, generator=random.Random(name)) > 0


def saved(stage, states):
    """A condition: so many states are saved."""
    return lambda: len(stage.states) >= states


def test_sigterm_saves_says_so_and_ends_in_time(stages):
    stage = stages["prune"]
    stage.finish()
    expected = stage.take_checkpoint()
    sent = []

    def send():
        sent.append(time.monotonic())
        return bool(stage.states)

    assert stage.stop(signal.SIGTERM, send) == 128 + signal.SIGTERM
    assert time.monotonic() - sent[-1] < 10
    assert "SIGTERM received after step" in stage.log[-1]
    assert "Traceback" not in stage.log[-1]
    assert not stage.checkpoint.exists()
    stage.finish()
    assert "resuming at step" in stage.log[-1]
    assert stage.take_checkpoint() == expected


def test_a_damaged_state_is_refused_and_the_one_before_taken(stages):
    stage = stages["quantize"]
    stage.finish()
    expected = stage.take_checkpoint()
    assert stage.stop(signal.SIGTERM, saved(stage, 2)) == 128 + signal.SIGTERM
    older, latest = (manifest.with_suffix(".safetensors") for manifest in stage.states)
    content = bytearray(latest.read_bytes())
    content[len(content) // 2] ^= 1
    latest.write_bytes(content)
    stage.finish()
    assert f"the saved state {latest.stem} is damaged (its checksum differs): refused" in stage.log[-1]
    assert f"resuming at step {int(older.stem)} of" in stage.log[-1]
    assert stage.take_checkpoint() == expected


def test_a_state_of_other_settings_is_never_taken(stages):
    stage = stages["finetune"]
    assert stage.stop(signal.SIGTERM, saved(stage, 1)) == 128 + signal.SIGTERM
    place = stage.command.index("--params") + 1
    params = json.loads(stage.command[place])
    params["settings"]["learning_rate"] *= 2
    stage.command[place] = json.dumps(params)
    stage.finish()
    assert "state of other settings, inputs or code, removed" in stage.log[-1]
    assert "resuming" not in stage.log[-1]
