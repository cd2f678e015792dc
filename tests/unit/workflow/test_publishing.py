"""What is left out of a published record, and how published tables are compared."""

import pytest

from multipress.workflow.provenance.publishing import portable
from multipress.workflow.provenance.record import Record
from multipress.workflow.publication import differing_tables


def record(**values):
    given = {"recorded": "2026", "commit": None, "changed_files": [], "software": {}, "hardware": {}, "modules": {}}
    return Record(**given | {"configuration": {}, "paths": [], "files": {}, "jobs": []} | values)


def test_absolute_paths_begin_with_the_name_of_a_configured_folder():
    configuration = {"results": "results/x", "data": {"folder": "/home/me/glue"}, "pretrain": {"corpus": ["/c/d.zst"]}}
    files = {"/home/me/glue/rte/train.parquet": "1", "/c/d.zst": "2", "/elsewhere/e.csv": "3", "results/x/f": "4"}
    found = portable(record(configuration=configuration, files=files, unversioned="/home/me is no repository"))
    assert list(found["files"]) == ["glue/rte/train.parquet", "d.zst", "e.csv", "results/x/f"]
    assert found["configuration"]["data"] == {"folder": "glue"}
    assert found["configuration"]["pretrain"] == {"corpus": ["d.zst"]}
    assert "/home" not in str(found)
    assert Record.model_validate(found).unversioned == ""


def test_folders_of_one_name_stay_apart():
    configuration = {"custom_tasks": {"a": {"folder": "/data/one/reviews"}, "b": {"folder": "/data/two/reviews"}}}
    files = {"/data/one/reviews/train.csv": "1", "/data/two/reviews/train.csv": "2"}
    found = portable(record(configuration=configuration, files=files))
    assert found["files"] == {"reviews/train.csv": "1", "two/reviews/train.csv": "2"}
    assert [task["folder"] for task in found["configuration"]["custom_tasks"].values()] == ["reviews", "two/reviews"]


@pytest.mark.parametrize(
    ("published", "remade", "found"),
    [
        ("a,b\nx,0.123456\n", "a,b\nx,0.123457\n", []),
        ("a,b\nx,0.1234\n", "a,b\nx,0.1236\n", ["tables/t.csv, line 2: 0.1234 and 0.1236"]),
        ("a,b\nx,NA\n", "a,b\nx,0.1\n", ["tables/t.csv, line 2: NA and 0.1"]),
        ("a,b\nx,1\n", "a,b\nx,1\ny,1\n", ["tables/t.csv, line 3: nothing and y"]),
    ],
)
def test_tables_are_compared_cell_by_cell(tmp_path, published, remade, found):
    for name, text in (("a", published), ("b", remade)):
        (tmp_path / name / "tables").mkdir(parents=True)
        (tmp_path / name / "tables" / "t.csv").write_text(text)
    assert list(differing_tables(tmp_path / "a", tmp_path / "b")) == found


def test_a_table_that_is_missing_is_told(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text('{\n  "x": 1\n}\n')
    assert list(differing_tables(tmp_path / "a", tmp_path / "b")) == []
    (tmp_path / "b" / "metrics.json").write_text('{\n  "x": 2\n}\n')
    assert list(differing_tables(tmp_path / "a", tmp_path / "b")) == ["metrics.json, line 2: 1 and 2"]
    (tmp_path / "b" / "metrics.json").unlink()
    assert list(differing_tables(tmp_path / "a", tmp_path / "b")) == [f"metrics.json is missing in {tmp_path / 'b'}"]
