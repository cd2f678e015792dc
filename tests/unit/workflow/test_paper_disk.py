import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.paper_disk import (
    FLOAT,
    KINDS,
    ONNX,
    PACKED,
    QUANTIZED,
    checkpoint_mb,
    gigabytes,
    kept,
    onnx_mb,
    packed_mb,
    read,
)
from multipress.compression import recipes
from multipress.compression.planned_size import planned_size
from multipress.model.paper_shapes import PAPER
from multipress.workflow.load import load
from multipress.workflow.storage_settings import StorageSettings

ROOT = Path(__file__).parents[3]
VALUES = yaml.safe_load((ROOT / "config.yaml").read_text())
SMALL = VALUES | {"tokenizer": VALUES["tokenizer"] | {"vocabulary": 777}, "runtime": {}, "overrides": []}

MEASURED = {
    "base ft": (438.0, 438.0, 366.0),
    "base ft-mp60": (438.0, 438.0, 202.0),
    "base ft-ptq8": (438.0, 110.0, 91.8),
    "base ft-mp60-ptq8": (438.0, 110.0, 57.3),
    "base ft-ptq16": (438.0, 220.0, 201.0),
    "tiny ft": (17.5, 17.6, 14.8),
    "tiny ft-mp60-ptq8": (17.6, 4.43, 3.54),
}
"""MB of checkpoint, ONNX model and packed file, from docs/explanation/deployment.md."""


@pytest.mark.parametrize("model", MEASURED)
def test_sizes_are_those_of_files_that_were_measured(model):
    arch, recipe = model.split()
    size = recipes.planned(planned_size(PAPER[arch]), recipe)
    computed = checkpoint_mb(size), onnx_mb(size), packed_mb(size)
    assert computed == pytest.approx(MEASURED[model], rel=0.05)


def test_a_seed_is_the_sum_over_tasks_and_recipes():
    config = load(
        SMALL | {"study": SMALL["study"] | {"tasks": ["rte", "cola"], "sparsities": [], "recipes": ["ft-int4"]}}
    )
    sizes = gigabytes(config, "tiny")
    # ft, kd and ft-int8, kd-int8, ft-int4, each for two tasks.
    float32 = checkpoint_mb(planned_size(PAPER["tiny"], 777)) / 1e3
    assert sizes[FLOAT] == pytest.approx(4 * float32)
    assert sizes[QUANTIZED] == pytest.approx(6 * float32)
    assert sizes[ONNX] == pytest.approx(4 * float32 + 6 * float32 / 4)
    assert 0 < sizes[PACKED] < sizes[ONNX]


def test_a_teacher_outside_the_study_has_checkpoints_only():
    config = load(SMALL | {"study": SMALL["study"] | {"architectures": ["tiny"]}})
    assert set(gigabytes(config, "large")) == {FLOAT}


@pytest.mark.parametrize(
    ("storage", "size"),
    [
        ({}, 1111),
        ({"checkpoints": "quantized"}, 1110),
        ({"checkpoints": "none"}, 1100),
        ({"onnx": False}, 1011),
        ({"checkpoints": "none", "onnx": False}, 1000),
    ],
)
def test_what_stays_is_what_storage_says(storage, size):
    sizes = dict(zip(KINDS, (1, 10, 100, 1000), strict=True))
    assert kept(sizes, StorageSettings(**storage)) == size


def test_the_page_on_disk_has_the_papers_numbers():
    command = [sys.executable, "-m", "benchmarks.paper_disk"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0] == "576 models a seed"
    page = (ROOT / "docs/how-to/disk.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| `storage.checkpoints` | GB a seed | without ONNX | GB of 3 seeds | without ONNX |")
    assert lines[start:] == page[page.index(lines[start]) :][:5]


def test_other_configurations_lie_over_config_yaml():
    config = read([ROOT / "config" / "demo.yaml"])
    # Seven quantized recipes for each of three tasks; the demo writes checkpoints of 2.43 MB.
    assert gigabytes(config, "milli")[QUANTIZED] == pytest.approx(21 * 2.43 / 1e3, rel=0.01)
