import re
import runpy
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = [
    (file, rule)
    for file in sorted((ROOT / "rules").glob("*.smk"))
    for rule in re.findall(r"^rule (\w+):", file.read_text(), flags=re.MULTILINE)
]


def planned(tmp_path, *options):
    """How many jobs of each rule a dry run plans."""
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--snakefile", str(ROOT / "Snakefile")]
    process = subprocess.run(
        [*command, "--directory", str(tmp_path), "--quiet", "rules", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return Counter(dict(re.findall(r"^(\w+) +(\d+)$", process.stdout + process.stderr, flags=re.MULTILINE)))


def test_the_papers_graph_has_every_model(tmp_path):
    jobs = {rule: int(count) for rule, count in planned(tmp_path).items()}
    settings = 8 * 6 * 3
    assert jobs["finetune"] == jobs["distill"] == settings
    assert jobs["prune"] == 2 * 2 * settings
    assert jobs["quantize"] == 2 * 3 * settings
    assert jobs["finetune"] + jobs["distill"] + jobs["prune"] + jobs["quantize"] == 1728
    assert jobs["label_with_teacher"] == 8 * 3
    assert jobs["download_data"] == 2 * 8 + 1
    assert jobs["download_encoder"] == 6


def test_the_demos_graph_needs_no_network(tmp_path):
    jobs = planned(tmp_path, "--configfile", str(ROOT / "config" / "demo.yaml"))
    assert not [rule for rule in jobs if rule.startswith("download")]
    assert int(jobs["finetune"]) == 9


def test_latency_is_measured_where_the_configuration_names_tasks_and_nowhere_else(tmp_path):
    jobs = planned(tmp_path, "--configfile", str(ROOT / "config" / "demo.yaml"))
    assert (int(jobs["measure_latency"]), int(jobs["tabulate_latency"]), int(jobs["plot_latency"])) == (3, 1, 1)
    paper = planned(tmp_path)
    assert not [rule for rule in paper if "latency" in rule]
    measured = planned(tmp_path, "--config", "latency={'tasks': ['rte', 'mnli'], 'seeds': [1, 3]}")
    assert int(measured["measure_latency"]) == 2 * 6 * 2


@pytest.mark.parametrize(("file", "rule"), RULES)
def test_a_rule_its_script_and_its_log_share_a_name(file, rule):
    text = re.search(rf"^rule {rule}:\n(.*?)(?=^rule |\Z)", file.read_text(), flags=re.MULTILINE | re.DOTALL).group(1)
    assert f"python -m workflow_scripts.{rule} " in text
    assert (ROOT / "workflow_scripts" / f"{rule}.py").is_file()
    assert re.search(rf'log:\n\s+f"{{LOGS}}/{rule}[/.]', text)
    order = ["input", "output", "log", "benchmark", "wildcard_constraints", "threads", "resources", "params", "shell"]
    found = [word for word in re.findall(r"^    (\w+):", text, flags=re.MULTILINE) if word in order]
    assert found == sorted(found, key=order.index)


SCRIPTS = sorted(script.stem for script in (ROOT / "workflow_scripts").glob("[a-z]*.py"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_explains_itself(monkeypatch, capsys, script):
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "--help"])
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        runpy.run_module(f"workflow_scripts.{script}", run_name="__main__")
    signal.signal(signal.SIGTERM, handler)
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: {script}.py")
    # What record depends on are all settings: they come in a file.
    is_rule = script in {rule for _, rule in RULES} - {"record"}
    assert not is_rule or "--params" in shown
