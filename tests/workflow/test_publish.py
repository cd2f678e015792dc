"""A finished run, published, and its tables and figures remade from what was published."""

import gzip
import json
import shutil
import sys

import pyarrow.parquet
import pytest

from multipress.workflow.load import load_files
from multipress.workflow.provenance.hashes import md5s
from multipress.workflow.publication import Publication
from multipress.workflow.rule_settings import settings_json
from tests import forked, published

NEEDED = ("audit.json", "metrics.json", "tables", "evaluations", "history", "figures", "data")


def publish(results, folder):
    command = [sys.executable, "-m", "workflow_scripts.publish", "--results", str(results), "--output-dir", str(folder)]
    return forked.run_text(command, cwd=published.ROOT)


@pytest.fixture(scope="module")
def results(finished, tmp_path_factory):
    """What publishing needs of a finished run's results; whoever changes it takes a copy."""
    folder = tmp_path_factory.mktemp("results") / "run"
    for name in NEEDED:
        source = finished.results / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        folder.mkdir(exist_ok=True)
        copy(source, folder / name)
    return folder


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    target = tmp_path_factory.mktemp("published") / "data" / "run"
    done = publish(results, target)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def remade(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("remade")
    return published.remake(folder, place / "out", place)


def test_every_table_and_figure_is_remade_to_the_byte(results, remade):
    for part in ("tables", "figures"):
        made = {file.name: file.read_bytes() for file in (results / part).iterdir()}
        assert {file.name: file.read_bytes() for file in (remade / part).iterdir()} == made
    assert (remade / "metrics.json").read_bytes() == (results / "metrics.json").read_bytes()


def test_what_holds_for_every_published_run_holds(folder, remade):
    published.check_remade(folder, remade)
    published.check_contents(folder)
    published.check_scores(folder)


def test_no_text_of_a_row_is_published(results, folder):
    texts = {
        text.encode()
        for file in (results / "data").glob("*/dev*.parquet")
        for column in ("text_a", "text_b")
        for text in pyarrow.parquet.read_table(file)[column].to_pylist()
        if text
    }
    assert len(texts) > 100
    for file in folder.rglob("*.*"):
        content = file.read_bytes()
        plain = gzip.decompress(content) if file.suffix == ".gz" else content
        if file.suffix == ".parquet":
            table = pyarrow.parquet.read_table(file)
            plain = b"".join(str(table[name].unique().to_pylist()).encode() for name in table.column_names)
        assert not [text for text in texts if text in plain]


def test_the_configuration_is_one_that_gives_rules_the_settings_that_the_run_had(results, folder):
    record = json.loads((results / "audit.json").read_text())
    config = load_files([folder / "configuration.yaml"])
    jobs = [job for job in record["jobs"] if not job["wildcards"]]
    assert {"analyze", "plot", "plot_latency"} <= {job["rule"] for job in jobs}
    for job in jobs:
        assert json.loads(settings_json(job["rule"], config, {})) == job["settings"]
        if job["outputs"][0].split("/")[-2] in ("tables", "figures"):
            assert Publication(folder).settings(job["rule"]) == job["settings"]


def test_it_is_published_again_with_the_same_bytes(results, folder):
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert (folder / "audit.json.gz").read_bytes()[4:8] == bytes(4), "gzip has the time of writing there"
    assert publish(results, folder).returncode == 0
    assert before == {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert [file.name for file in folder.parent.iterdir()] == [folder.name]


@pytest.fixture
def changeable(results, tmp_path):
    return shutil.copytree(results, tmp_path / "copy")


def refused(results, target):
    """The message, a line, of a command that leaves nothing."""
    done = publish(results, target)
    assert done.returncode == 1
    assert not target.exists()
    *_, line = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert line.startswith("publish: error: ")
    return line


def test_a_run_without_a_record_is_refused(changeable, tmp_path):
    (changeable / "audit.json").unlink()
    assert "audit.json is missing: there is no record of this run" in refused(changeable, tmp_path / "to")


def test_an_unfinished_run_is_refused(changeable, tmp_path):
    next(changeable.glob("evaluations/*/*/*/predictions.parquet")).unlink()
    assert "predictions.parquet is missing: the run is not finished; finish it: " in refused(
        changeable, tmp_path / "to"
    )


def test_files_that_changed_since_the_record_are_refused(changeable, tmp_path):
    table = changeable / "tables" / "results.csv"
    table.write_text(table.read_text() + "\n")
    assert "results.csv is not that of the recorded run" in refused(changeable, tmp_path / "to")


def test_tables_that_other_code_made_are_refused(changeable, tmp_path):
    table, record = changeable / "tables" / "effects.csv", changeable / "audit.json"
    table.write_text("\n".join(table.read_text().splitlines()[:-1]) + "\n")
    values = json.loads(record.read_text())
    values["files"]["results/synthetic/tables/effects.csv"] = md5s([str(table)])[str(table)]
    record.write_text(json.dumps(values))
    assert "1 tables of" in (line := refused(changeable, tmp_path / "to"))
    assert "first tables/effects.csv, line " in line


def test_another_folder_is_not_replaced(results, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = publish(results, tmp_path)
    assert (done.returncode, (tmp_path / "mine.txt").read_text()) == (1, "mine")
    assert done.stderr == f"publish: error: {tmp_path} is there and no published run: name another --output-dir\n"


def test_a_link_in_the_place_is_refused_and_what_it_leads_to_stays(results, folder, tmp_path):
    earlier = shutil.copytree(folder, tmp_path / "earlier")
    (tmp_path / "link").symlink_to(earlier)
    done = publish(results, tmp_path / "link")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "link is a link: name the folder itself as --output-dir" in done.stderr
    assert (earlier / "settings.json").exists()


def test_settings_that_no_rule_takes_are_told_in_a_line(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    settings = json.loads((copy / "settings.json").read_text())
    settings["analyze"]["drawz"] = 1
    (copy / "settings.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "workflow_scripts.remake", str(copy), "--output-dir", str(tmp_path / "out")]
    done = forked.run_text(command, cwd=published.ROOT)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "settings.json: analyze" in done.stderr
    assert "drawz: unknown key" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_none_is_not_remade(tmp_path):
    command = [sys.executable, "-m", "workflow_scripts.remake", str(tmp_path), "--output-dir", str(tmp_path / "out")]
    done = forked.run_text(command, cwd=published.ROOT)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"settings.json is missing: {tmp_path} is no published run" in done.stderr
