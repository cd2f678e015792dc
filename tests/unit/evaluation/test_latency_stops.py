"""Measurements that are stopped: what is measured stays, under the same settings, code, files and machine alone."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest

from multipress.core.files import read_json
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.evaluation.latency.machine import machine
from multipress.evaluation.latency.points import Point, measure
from multipress.evaluation.latency.progress import Progress
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.model.checkpoints import save
from tests.unit.deployables import TEXT, make
from workflow_scripts import measure_latency

ROOT = Path(__file__).parents[3]
RECIPES = ["ft", "kd", "ft-mp60"]
LONG = MeasuringSettings(batch_sizes=[1], lengths=[8], task_lengths=False, repetitions=20_000, warmup=1, seconds=2.5)
"""Each point ends by its seconds."""


@pytest.fixture
def study(tmp_path, model):
    """A folder with models of all recipes."""
    tokenizer = tmp_path / "tokenizer"
    tokenizer.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (tokenizer / name).write_text("{}")
    (tmp_path / "onnx").mkdir()
    for recipe in RECIPES:
        made, steps = make(model, recipe, [])
        save(made, tmp_path / "models" / recipe, tokenizer, {}, steps.model_dump())
        onnx.save(to_onnx(made, metadata(made.config, TEXT)), tmp_path / "onnx" / f"{recipe}.onnx")
    return tmp_path


class Job:
    """The script in a process of its own, with all that it starts."""

    def __init__(self, folder, settings=LONG):
        params = {"task": "rte", "arch": "nano", "seed": 1, "recipes": RECIPES, "settings": settings.model_dump()}
        places = {"models": "models", "onnx": "onnx", "output": "seed1.csv", "scratch": "scratch"}
        paths = [part for name, place in places.items() for part in (f"--{name}", str(folder / place))]
        command = [sys.executable, "-m", "workflow_scripts.measure_latency", "--params", json.dumps(params)]
        self.folder = folder
        self.process = subprocess.Popen(
            [*command, *paths, "--device", "cpu"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def kept(self):
        """Calls that are kept, by runtime."""
        found = {}
        for file in self.folder.glob("scratch/*/*/*.json"):
            found[file.stem] = sum(len(point["timed"]) for point in read_json(file))
        return found

    def stop(self, number, until):
        """Send a signal once ``until(kept)`` is true; what is kept once all of the job's processes have ended."""
        while self.process.poll() is None and not until(self.kept()):
            time.sleep(0.02)
        self.process.send_signal(number)
        self.log = self.process.communicate(timeout=20)[0]  # ends when nobody has the pipe any more
        return self.kept()

    def finish(self):
        self.log = self.process.communicate()[0]
        assert self.process.returncode == 0, self.log
        return pd.read_csv(self.folder / "seed1.csv")


def test_a_measurement_that_is_killed_and_then_terminated_goes_on_with_what_it_has(study):
    killed = Job(study)
    kept = killed.stop(signal.SIGKILL, until=lambda calls: calls)
    assert killed.process.returncode == -signal.SIGKILL
    assert kept["onnxruntime-cpu"] > 0
    terminated = Job(study)
    more = terminated.stop(signal.SIGTERM, until=lambda calls: calls["onnxruntime-cpu"] > kept["onnxruntime-cpu"])
    assert terminated.process.returncode == 128 + signal.SIGTERM
    assert not (study / "seed1.csv").exists()
    finished = Job(study)
    table = finished.finish()
    measured = table[table["runtime"] == "onnxruntime"]
    assert list(measured["recipe"]) == RECIPES
    assert set(measured["measured_recipe"]) == {"ft"}
    assert set(measured["n"]).pop() >= more["onnxruntime-cpu"] > kept["onnxruntime-cpu"]
    restored = r"(\d+) calls were timed before an interruption, and are not repeated"
    assert [int(count) for job in (terminated, finished) for count in re.findall(restored, job.log)] == [
        kept["onnxruntime-cpu"],
        *sorted(more.values()),
    ]
    assert not list(study.glob("scratch/*/*"))


def _edit(path, change):
    path.write_bytes(change(path.read_bytes()))


CHANGES = {
    "a setting": lambda folder, params, options, patch: setattr(params.settings, "warmup", 2),
    "the recipes": lambda folder, params, options, patch: params.recipes.pop(),
    "the code": lambda folder, params, options, patch: setattr(options, "code", "other"),
    "an exported model": lambda folder, params, options, patch: _edit(
        folder / "onnx" / "kd.onnx", lambda content: content[:-9] + b"\1" + content[-8:]
    ),
    "a checkpoint": lambda folder, params, options, patch: _edit(
        folder / "models" / "kd" / "model.safetensors", lambda content: content[:-1] + b"\1"
    ),
    "what a checkpoint says": lambda folder, params, options, patch: _edit(
        folder / "models" / "ft-mp60" / "steps.json", lambda content: content.replace(b"0.6", b"0.5")
    ),
    "the processor": lambda folder, params, options, patch: patch(cpu="another"),
    "the node": lambda folder, params, options, patch: patch(node="another"),
    "a runtime's version": lambda folder, params, options, patch: patch(onnxruntime="0.1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_of_what_is_measured_or_where_begins_anew(study, change, monkeypatch):
    params = measure_latency.Params(
        task="rte", arch="nano", seed=1, recipes=list(RECIPES), settings=MeasuringSettings()
    )
    options = argparse.Namespace(
        models=study / "models", onnx=study / "onnx", dev=None, scratch=study / "scratch", code=""
    )
    before = measure_latency.kept_folder(params, options, with_gpu=False)
    before.mkdir(parents=True)
    assert measure_latency.kept_folder(params, options, with_gpu=False) == before
    assert before.exists()
    params.model_config["frozen"] = params.settings.model_config["frozen"] = False
    here = machine(False)
    CHANGES[change](
        study,
        params,
        options,
        lambda **other: monkeypatch.setattr(measure_latency, "machine", lambda with_gpu: here | other),
    )
    assert measure_latency.kept_folder(params, options, with_gpu=False) != before
    assert not before.exists()


class Stopped(Exception):
    pass


def points(called, stop_at=None):
    def call(name):
        called.append(name)
        if len(called) == stop_at:
            raise Stopped

    return [Point(name, "torch", 1, "8", lambda name=name: call(name)) for name in "abc"]


@pytest.mark.parametrize("stop_at", [1, 4, 13, 17, 38])
def test_a_stopped_measurement_takes_up_where_it_stopped(tmp_path, stop_at, monkeypatch):
    monkeypatch.setattr("multipress.evaluation.latency.progress.INTERVAL", 0.0)
    settings, file = MeasuringSettings(repetitions=6, warmup=1), tmp_path / "torch-cpu.json"
    first, called = points([], stop_at), []
    with pytest.raises(Stopped):
        measure(first, settings, Progress(file))
    timed = {point.recipe: list(point.timed) for point in first}
    second = points(called)
    measure(second, settings, Progress(file))
    assert [len(point.timed) for point in second] == [6, 6, 6]
    for point in second:
        assert point.timed[: len(timed[point.recipe])] == timed[point.recipe]
    unfinished = sum(len(values) < 6 for values in timed.values())
    missing = 18 - sum(map(len, timed.values()))
    assert len(called) == unfinished + 2 * missing  # a warm-up of what is not done, and pairs of calls


def test_what_is_finished_is_called_no_more(tmp_path):
    settings, file = MeasuringSettings(repetitions=5, warmup=3), tmp_path / "torch-cpu.json"
    measure(points([]), settings, Progress(file))
    called = []
    again = points(called)
    measure(again, settings, Progress(file))
    assert called == []
    assert np.mean([len(point.timed) for point in again]) == 5


@pytest.mark.parametrize(
    "content",
    ["", "[{", '{"point": 1}', '[{"point": "a torch 1 8"}]', '[{"point": "a", "timed": [-1], "spent": 1}]', "[3]"],
)
def test_a_damaged_file_is_refused_with_a_line_and_measured_anew(tmp_path, content, capfd):
    file = tmp_path / "torch-cpu.json"
    file.write_text(content)
    fresh = points([])
    measure(fresh, MeasuringSettings(repetitions=5), Progress(file))
    assert [len(point.timed) for point in fresh] == [5, 5, 5]
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"the kept measurement \S+torch-cpu.json is damaged \(.*\): refused\n", err)
    assert len(read_json(file)) == 3


def test_a_process_of_its_own_ends_with_a_parent_that_is_killed():
    program = (
        "import sys, time; from multipress.core.subprocesses import call_in_own_process\n"
        "if __name__ == '__main__': call_in_own_process(time.sleep, 60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    while not any("spawn_main" in Path(f"/proc/{pid}/cmdline").read_text() for pid in children.read_text().split()):
        time.sleep(0.02)
    time.sleep(1)
    os.kill(parent.pid, signal.SIGKILL)
    assert parent.communicate(timeout=20)[0] == b""
