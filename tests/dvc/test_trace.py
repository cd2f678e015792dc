"""The chain from a number to the data."""

import json
import sys

import pytest

from multipress.workflow.provenance.hashes import md5s
from tests.dvc.repository import RESULTS

ROW = ["--row", "mnli/nano/seed1/kd-mp60-int8"]


def trace(repository, table, *arguments):
    file = f"{RESULTS}/tables/{table}.csv"
    return repository.call(sys.executable, "-m", "multipress", "trace", file, *arguments)


def test_a_row_of_the_results_leads_through_its_parents_to_the_data(recorded):
    process = trace(recorded, "results", *ROW, "--json")
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    links = found["models"][ROW[1]]
    made = [link["job"]["name"] if link["job"] else None for link in links]
    expected = [
        "evaluate mnli/nano/seed1",
        "quantize mnli/nano/seed1/kd-mp60-int8",
        "prune mnli/nano/seed1/kd-mp60",
        "distill mnli/nano/seed1/kd",
        "label_with_teacher mnli/seed1",
        "finetune mnli/micro/seed1/ft",
    ]
    assert [name for name in expected if name in made] == expected
    assert any(name and name.startswith("generate_data mnli/train") for name in made)
    assert not any("ft-mp60" in link["file"] for link in links)
    assert {link["found"] for link in links} == {"as recorded"}
    for link in links:
        path = recorded.folder / link["file"]
        assert md5s([str(path)]) == {str(path): link["md5"]}
    pruning = next(link["job"] for link in links if link["job"] and link["job"]["rule"] == "prune")
    assert pruning["settings"]["settings"]["epochs"] == 1
    assert pruning["seconds"] > 0
    assert pruning["wildcards"]["seed"] == "1"
    assert found["commit"] == json.loads((recorded.results / "audit.json").read_text())["commit"]


def test_the_same_file_by_its_whole_path_is_as_recorded_and_one_from_within_is_refused(recorded):
    table = recorded.results / "tables" / "results.csv"
    command = [sys.executable, "-m", "multipress", "trace"]
    process = recorded.call(*command, str(table.resolve()), *ROW)
    assert process.stdout.startswith(f"{table.resolve()} (as recorded): "), process.stderr
    process = recorded.call(*command, table.name, *ROW, folder=table.parent)
    assert process.returncode == 1
    assert "call this from the folder of which that is true" in process.stderr


def test_a_ratio_of_table_1_leads_to_both_sizes_on_every_task(recorded):
    process = trace(recorded, "table1", "--row", "nano", "--column", "QAT+KD")
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert lines[0].startswith(f"{RESULTS}/tables/table1.csv (as recorded): nano, QAT+KD = ")
    for task in ("stsb", "mnli", "weather"):
        assert f"{task}/nano/seed1/ft" in lines
        assert any(line.strip().startswith(f"{task}, QAT+KD: ") for line in lines)
    assert any("weather/train.csv" in line for line in lines)
    assert "    a source" in process.stdout


def test_a_packed_size_leads_through_the_packed_file_and_an_edited_table_is_marked(repository):
    file = repository.folder / RESULTS / "tables" / "results.csv"
    file.write_text(file.read_text() + "\n")
    found = json.loads(trace(repository, "results", *ROW, "--column", "packed_mb", "--json").stdout)
    assert found["found"] == "other bytes"
    made = {link["job"]["rule"] for link in found["models"][ROW[1]] if link["job"]}
    assert {"evaluate", "pack", "quantize"} <= made
    assert not made & {"export", "run_exported"}


def test_what_is_gone_or_changed_is_marked_and_git_alone_is_enough(recorded, tmp_path):
    clone = recorded.clone(tmp_path / "clone")
    file = f"{RESULTS}/models/mnli/nano/seed1/kd/model.safetensors"
    (clone.folder / file).parent.mkdir(parents=True)
    (clone.folder / file).write_bytes(b"other")
    found = json.loads(trace(clone, "results", *ROW, "--json").stdout)
    verdicts = {link["file"]: link["found"] for link in found["models"][ROW[1]]}
    assert verdicts[file] == "other bytes"
    assert verdicts[f"{RESULTS}/models/mnli/nano/seed1/kd-mp60/model.safetensors"] == "missing"


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        ("results", ["--row", "mnli/huge/seed1/ft"], "has no row 'mnli/huge/seed1/ft': rows are named like "),
        ("results", [*ROW, "--column", "points"], "has no column 'points': it has task, arch"),
        ("pareto", ["--row", "nano"], "cannot be traced by rows: use results.csv"),
        ("nothing", ["--row", "nano"], "cannot be traced by rows"),
    ],
)
def test_each_mistake_ends_with_one_line(recorded, table, arguments, message):
    process = trace(recorded, table, *arguments)
    assert process.returncode == 1
    assert process.stderr.count("\n") == 1
    assert message in process.stderr
