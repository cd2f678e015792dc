"""What failed jobs said, found through Snakemake's own log."""

import shlex

from multipress.workflow.cluster.failures import last_log_lines


def snakemake_log(folder, *logs):
    """As Snakemake (9.27) writes it when scripts fail."""
    commands = [f"python -m workflow_scripts.prune --params '{{}}' > {shlex.quote(str(log))} 2>&1" for log in logs]
    lines = [f"Command 'set -euo pipefail;  {command}' returned non-zero exit status 1." for command in commands]
    file = folder / "snakemake.log"
    file.write_text("RuleException:\n" + "\n".join(lines) + "\nExiting because a job execution failed.\n")
    return file


def test_the_last_line_of_each_failed_jobs_log_is_told_once(tmp_path):
    logs = tmp_path / "a.log", tmp_path / "o'run with space.log"
    for log in logs:
        log.write_text(f"step 1\nprune: error: {log.stem}\n\n")
    found = last_log_lines([snakemake_log(tmp_path, *logs, logs[0])])
    assert list(found) == [f"{log}: prune: error: {log.stem}" for log in logs]


def test_without_a_log_nothing_is_said(tmp_path):
    (tmp_path / "empty.log").touch()
    logs = [snakemake_log(tmp_path, tmp_path / "none.log", tmp_path / "empty.log"), tmp_path / "nothing.log"]
    assert list(last_log_lines(logs)) == []
