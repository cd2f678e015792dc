"""Jobs against the plan of their run: what was edited or swapped meanwhile is named, and the job refused."""

import argparse
import os
import sys
import types

import pytest

from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from multipress.workflow.code import digest, plan
from multipress.workflow.code.records import CodeRecords

FILES = {
    "Snakefile": "rule all:\n",
    "rules/data.smk": "rule data:\n",
    "workflow_scripts/__init__.py": "",
    "workflow_scripts/job.py": "from multipress.analysis import used_here\n",
    "workflow_scripts/other_job.py": "from multipress import late_here\n",
    "multipress/__init__.py": "",
    "multipress/late_here.py": "X = 1\n",
    "multipress/analysis/__init__.py": "",
    "multipress/analysis/used_here.py": "def load():\n    from multipress import late_here\n\n    return late_here\n",
    "multipress/analysis/reference/table.csv": "a,b\n1,2\n",
}
CONFIGURATION = {"study": {"tasks": ["rte"]}}


class Run:
    """A run of a small repository, planned."""

    def __init__(self, root):
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self.root, self.rows = root, root / "mine" / "train.csv"
        self.rows.parent.mkdir()
        self.rows.write_text("text,label\n")
        records = CodeRecords(root, root / "logs" / "code")
        self.code = records.digest("job")
        self.file = root / "logs" / "plan.json"
        modules, sources = records.bytes_of_modules(), [str(self.rows), "gone.csv"]
        plan.write(plan.planned(CONFIGURATION, plan.planners(), [self.code], modules, sources), self.file)
        records.write()

    def check(self, **arguments):
        return plan.JobCheck(self.file, self.code, vars(argparse.Namespace(**arguments)).values())


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "ROOT", tmp_path)
    for name in ("multiprocessing.popen_spawn_posix", "multipress.training.loop"):  # of other tests
        monkeypatch.delitem(sys.modules, name, raising=False)
    forget()
    yield Run(tmp_path)
    forget()


def edit(path, text):
    """Write a file, or delete it; digests of this process forget what it was, as those of a job's know nothing."""
    path.unlink() if text is None else path.write_text(text)
    forget()


def forget():
    for cache in (digest._followed, digest._imports, digest._read, digest._module_path):
        cache.cache_clear()


def test_a_job_as_planned_may_run(run):
    run.check(train=run.rows, output=run.root / "x").at_end()
    plan.check_planning(plan.read(run.file), CONFIGURATION)


@pytest.mark.parametrize("name", ["multipress/analysis/used_here.py", "workflow_scripts/job.py"])
@pytest.mark.parametrize("text", ["VALUE = 2\n", "VALUE = \n", None])
def test_edited_code_is_refused(run, name, text):
    edit(run.root / name, text)
    with pytest.raises(UserError, match=f"^{name} is not what the run was planned with: put it back or start the run"):
        run.check()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("workflow_scripts/job.py", '"""New."""\n# Why\nfrom multipress.analysis import used_here  # x\n'),
        ("workflow_scripts/other_job.py", "X = 3\n"),
    ],
)
def test_comments_and_code_of_other_jobs_may_be_edited(run, name, text):
    edit(run.root / name, text)
    run.check().at_end()


def test_a_module_that_is_loaded_later_counts_as_it_is_then(run, monkeypatch):
    check = run.check()
    for name in ("multipress/analysis/used_here.py", "multipress/late_here.py"):
        edit(run.root / name, "X = 2\n")
    check.at_end()  # both were loaded before the edit
    late = types.ModuleType("late")
    late.__file__ = str(run.root / "multipress" / "late_here.py")
    monkeypatch.setitem(sys.modules, "multipress.late_here", late)
    with pytest.raises(UserError, match=r"^multipress/late_here\.py is not what the run was planned with"):
        check.at_end()


def test_an_edited_table_beside_the_code_is_refused(run):
    check = run.check()
    edit(run.root / "multipress" / "analysis" / "reference" / "table.csv", "a,b\n1,3\n")
    for refused in (run.check, check.at_end):
        with pytest.raises(UserError, match=r"reference/table\.csv is not what"):
            refused()


@pytest.mark.parametrize("argument", ["file", "list", "folder"])
def test_a_swapped_source_is_refused(run, argument):
    paths = {"file": run.rows, "list": [run.root / "x", run.rows], "folder": run.rows.parent}
    check = run.check(rows=paths[argument])
    before = run.rows.stat()
    other = run.root / "mine" / "other.csv"
    other.write_text("text;label\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns - 10**9))  # older: no rule would count it as changed
    run.rows.rename(run.root / "kept.csv")
    other.rename(run.rows)
    for refused in (lambda: run.check(rows=paths[argument]), check.at_end):
        with pytest.raises(UserError, match=r"train\.csv is not the file that the run was planned with"):
            refused()
    run.check(rows=run.root / "other").at_end()  # not read by that job
    (run.root / "kept.csv").rename(run.rows)
    run.check(rows=paths[argument]).at_end()


def test_a_small_source_with_another_date_and_the_same_bytes_is_the_same(run):
    check = run.check(rows=run.rows)
    os.utime(run.rows)
    check.at_end()
    run.check(rows=run.rows)


def test_where_fresh_interpreters_load_code_anew_all_of_it_counts(run, monkeypatch):
    check = run.check()
    edit(run.root / "multipress" / "late_here.py", "X = 2\n")
    monkeypatch.delitem(sys.modules, "multiprocessing.popen_spawn_posix", raising=False)
    check.at_end()
    monkeypatch.setitem(sys.modules, "multiprocessing.popen_spawn_posix", types.ModuleType("spawn"))
    with pytest.raises(UserError, match=r"^multipress/late_here\.py is not what the run was planned with"):
        check.at_end()


def test_a_training_has_read_its_sources_long_before_its_end(run, monkeypatch):
    check = run.check(rows=run.rows)
    edit(run.rows, "other rows\n")
    monkeypatch.setitem(sys.modules, "multipress.training.loop", types.ModuleType("loop"))
    check.at_end()


def test_a_run_without_a_plan_is_named(run):
    run.file.unlink()
    with pytest.raises(UserError, match=r"plan\.json is missing: start the run again, without --no-hooks"):
        run.check()


def test_methods_are_loaded_before_a_training_begins(run, monkeypatch):
    loaded = []
    monkeypatch.setattr(plan, "part_of", lambda *part: loaded.append(part))
    for name in ("apply", "spec", "structure"):
        path = run.root / "multipress" / "compression" / "prune" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    code = run.root / "logs" / "code" / f"{run.code}.json"
    names = [f"multipress/compression/prune/{name}.py" for name in ("apply", "spec", "structure")]
    write_json(code, read_json(code) | {name: digest.meaning(run.root / name) for name in names})
    run.check()
    assert loaded == [("prune", "apply"), ("prune", "structure")]


def test_a_job_of_another_plan_is_refused(run):
    run.code = "0" * 16
    with pytest.raises(UserError, match=r"code 0{16} is not that of the run that .*plan\.json tells of"):
        run.check()


def test_whoever_plans_anew_plans_the_same(run):
    found = plan.read(run.file)
    with pytest.raises(UserError, match=r"^the configuration is not what the run was planned with"):
        plan.check_planning(found, {"study": {"tasks": ["sst2"]}})
    edit(run.root / "rules" / "data.smk", "rule other:\n")
    with pytest.raises(UserError, match=r"^rules/data\.smk is not what the run was planned with"):
        plan.check_planning(found, CONFIGURATION)


@pytest.mark.parametrize("text", ["{}", '{"codes": []}'])
def test_a_plan_that_is_none_is_named(run, text):
    run.file.write_text(text)
    with pytest.raises(UserError, match=r"plan\.json is no plan of a run"):
        run.check()
