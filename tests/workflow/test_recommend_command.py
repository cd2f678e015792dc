"""The command that recommend prints for a file that is not there makes it."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from tests.runs import make_repository, write_weather

PACKED = "packed/weather/nano/seed1/kd-int8.safetensors"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A checkout whose demo has a table of results and no model."""
    folder = tmp_path_factory.mktemp("recommend") / "my checkout"
    make_repository(folder)
    write_weather(folder / "weather")
    rows = [("weather", "nano", recipe, 1, 60.0, mb, mb) for recipe, mb in (("ft", 4.0), ("kd-int8", 1.0))]
    columns = ["task", "arch", "recipe", "seed", "score", "paper_mb", "packed_mb"]
    tables = folder / "results/synthetic/tables"
    tables.mkdir(parents=True)
    pd.DataFrame(rows, columns=columns).to_csv(tables / "results.csv", index=False)
    return folder


@pytest.mark.parametrize("cwd", [".", "results/synthetic"])
def test_what_is_printed_for_pasting_plans_the_file(repository, cwd):
    table = os.path.relpath(repository / "results/synthetic/tables/results.csv", repository / cwd)
    command = [
        sys.executable,
        "-m",
        "multipress",
        "recommend",
        "--results",
        table,
        "--within",
        "1",
        "--of",
        "nano/ft",
    ]
    environment = os.environ | {"PYTHONPATH": str(repository)}
    done = subprocess.run(command, cwd=repository / cwd, env=environment, capture_output=True, text=True, check=False)
    *_, absent, make = done.stdout.splitlines()
    assert absent == f"not there: {PACKED if cwd != '.' else f'results/synthetic/{PACKED}'}"
    planned = subprocess.run(
        f"{make.removeprefix('make: ')} --dry-run",
        shell=True,
        cwd=repository / cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "pack" in [line.split()[0] for line in planned.stdout.splitlines() if line.strip()], planned.stdout
