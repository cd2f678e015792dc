import re
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from multipress.workflow.snakemake_api import dry_run

ROOT = Path(__file__).parents[2]
RULES = [
    (file, rule)
    for file in sorted((ROOT / "rules").glob("*.smk"))
    for rule in re.findall(r"^rule (\w+):", file.read_text(), flags=re.MULTILINE)
]


DEMO = [ROOT / "config" / "demo.yaml"]


def planned(tmp_path, configfiles=(), config=None):
    """How many jobs of each rule are planned."""
    with dry_run(["all"], configfiles, config, tmp_path) as graph:
        return Counter(job.rule for job in graph.jobs() if job.is_stale)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    return planned(tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return planned(tmp_path_factory.mktemp("demo"), DEMO)


def test_the_papers_graph_has_every_model(paper):
    settings = 8 * 6 * 3
    assert paper["finetune"] == paper["distill"] == settings
    assert paper["prune"] == 2 * 2 * settings
    assert paper["quantize"] == 2 * 3 * settings
    assert paper["finetune"] + paper["distill"] + paper["prune"] + paper["quantize"] == 1728
    assert paper["label_with_teacher"] == 8 * 3
    assert paper["download_data"] == 2 * 8 + 1
    assert paper["download_encoder"] == 6


def test_the_demos_graph_needs_no_network(demo):
    assert not [rule for rule in demo if rule.startswith("download")]
    assert demo["finetune"] == 9


def test_latency_is_measured_where_the_configuration_names_tasks_and_nowhere_else(demo, paper, tmp_path):
    assert (demo["measure_latency"], demo["tabulate_latency"], demo["plot_latency"]) == (3, 1, 1)
    assert not [rule for rule in paper if "latency" in rule]
    measured = planned(tmp_path, config={"latency": {"tasks": ["rte", "mnli"], "seeds": [1, 3]}})
    assert measured["measure_latency"] == 2 * 6 * 2


@pytest.mark.parametrize(("file", "rule"), RULES)
def test_a_rule_its_script_and_its_log_share_a_name(file, rule):
    text = re.search(rf"^rule {rule}:\n(.*?)(?=^rule |\Z)", file.read_text(), flags=re.MULTILINE | re.DOTALL).group(1)
    assert f"python -m workflow_scripts.{rule} " in text
    assert (ROOT / "workflow_scripts" / f"{rule}.py").is_file()
    assert re.search(rf'log:\n\s+f"{{LOGS}}/{rule}[/.]', text)
    order = ["input", "output", "log", "benchmark", "wildcard_constraints", "threads", "resources", "params", "shell"]
    found = [word for word in re.findall(r"^    (\w+):", text, flags=re.MULTILINE) if word in order]
    assert found == sorted(found, key=order.index)


OF_PUBLISHED_RUNS = {"publish", "pool", "remake", "fill_page"}
"""Scripts that no rule calls."""
SCRIPTS = sorted(script.stem for script in (ROOT / "workflow_scripts").glob("[a-z]*.py"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_explains_itself(monkeypatch, capsys, script):
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "--help"])
    monkeypatch.delitem(sys.modules, f"workflow_scripts.{script}", raising=False)  # another script has imported it
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        runpy.run_module(f"workflow_scripts.{script}", run_name="__main__")
    signal.signal(signal.SIGTERM, handler)
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: {script}.py")
    # What record depends on are all settings: they come in a file.
    assert script in {"record", *OF_PUBLISHED_RUNS} or "--params" in shown


def test_every_other_script_is_that_of_a_rule():
    """Of the rules that are made in a loop, one for each method, two scripts do the work."""
    assert set(SCRIPTS) - OF_PUBLISHED_RUNS == {rule for _, rule in RULES} | {"train_step", "convert_step"}
