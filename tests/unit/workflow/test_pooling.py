"""Published runs of a study's tasks or seeds, pooled: what a run of all of them would have published."""

import csv
import gzip
import json
import shutil
import sys

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
import yaml

from multipress.workflow.publication import Publication, differing_tables
from tests import forked, published

RUN = published.ROOT / "docs/results/data/xtc-six"


def part(target, tasks, seed=1):
    """The part of the run with these tasks, as if it had been trained with another seed."""
    run = Publication(shutil.copytree(RUN, target))
    for file in run.tables.glob("*.csv"):
        if file != run.results:
            file.unlink()
    for file in [*run.predictions]:
        if file.stem not in tasks:
            file.unlink()
            continue
        table = pyarrow.parquet.read_table(file)
        seeds = pyarrow.repeat(pyarrow.scalar(seed, table["seed"].type), len(table))
        pyarrow.parquet.write_table(table.set_column(table.schema.get_field_index("seed"), "seed", seeds), file)
    keep_rows(run.results, tasks, str(seed), open)
    keep_rows(run.histories, tasks, f"seed{seed}", gzip.open)
    file = target / "configuration.yaml"
    values = yaml.safe_load(file.read_text())
    values["study"] |= {"tasks": tasks, "seeds": [seed]}
    file.write_text(yaml.safe_dump(values))
    return target


def keep_rows(file, tasks, seed, opened):
    with opened(file, "rt", encoding="utf-8", newline="") as stream:
        rows = [row | {"seed": seed} for row in csv.DictReader(stream) if row["task"] in tasks]
    with opened(file, "wt", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def pool(*folders, to):
    command = [sys.executable, "-m", "workflow_scripts.pool", *map(str, folders), "--output-dir", str(to)]
    return forked.run_text(command, cwd=published.ROOT)


def test_tasks_that_were_trained_apart_are_the_run_of_them_all(tmp_path):
    first = part(tmp_path / "first", ["sst2", "rte"])
    done = pool(first, part(tmp_path / "second", ["mrpc"]), to=first)  # in the place of the first
    assert done.returncode == 0, done.stderr
    ordered = sorted(pd.read_csv(first / "tables/results.csv")["task"].unique())
    assert ordered == ["mrpc", "rte", "sst2"]
    published.check_contents(first)
    published.check_scores(first)
    for name in ("table1_per_task", "changes", "training"):  # the tables that have a row for each task, in any order
        theirs, ours = (pd.read_csv(folder / f"tables/{name}.csv") for folder in (RUN, first))
        by = [column for column in ("task", "arch", "recipe", "method", "stage") if column in theirs]
        pd.testing.assert_frame_equal(*(t.sort_values(by, ignore_index=True) for t in (theirs, ours)), rtol=1e-4)
    records = json.loads(gzip.decompress((first / "audit.json.gz").read_bytes()))["runs"]
    assert len(records) == len(json.loads((first / "environment.json").read_text())["runs"]) == 2


def test_seeds_that_were_trained_apart_count_as_seeds(tmp_path):
    parts = [part(tmp_path / f"seed{seed}", ["sst2", "mrpc", "rte"], seed) for seed in (1, 2)]
    done = pool(*parts, to=tmp_path / "both")
    assert done.returncode == 0, done.stderr
    summary = pd.read_csv(tmp_path / "both/tables/summary.csv")
    assert set(summary["n_seeds"]) == {2}
    assert (summary["score_std"] == 0).all(), "the second seed's models are those of the first"
    single = pd.read_csv(RUN / "tables/summary.csv")
    assert summary["score"].tolist() == pytest.approx(single["score"].tolist())
    assert (
        list(differing_tables(tmp_path / "both", published.remake(tmp_path / "both", tmp_path / "r", tmp_path))) == []
    )


def test_tables_that_cannot_be_pooled_are_refused(tmp_path):
    first, second = (part(tmp_path / name, [name]) for name in ("rte", "mrpc"))
    (second / "tables" / "similarity.csv").write_text("task\n")
    done = pool(first, second, to=tmp_path / "both")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"{second}/tables/similarity.csv cannot be pooled" in done.stderr
    assert not (tmp_path / "both").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda table: table.drop(columns="parameters"), "results.csv has no column parameters: restore it or publish"),
        (lambda table: table.iloc[1:], "latency.csv has {lost}, which results.csv has not: publish the run again"),
    ],
)
def test_damaged_tables_are_told_in_a_line(tmp_path, change, expected):
    first, second = (part(tmp_path / name, [name]) for name in ("rte", "mrpc"))
    results = pd.read_csv(first / "tables" / "results.csv", dtype=str, keep_default_na=False)
    results[["task", "arch", "recipe", "seed"]].to_csv(first / "tables" / "latency.csv", index=False)
    change(results).to_csv(first / "tables" / "results.csv", index=False)
    done = pool(first, second, to=tmp_path / "both")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    lost = results.iloc[0]
    assert expected.format(lost=f"{lost.task}/{lost.arch}/seed{lost.seed}/{lost.recipe}") in done.stderr
    assert not (tmp_path / "both").exists()


def test_a_key_that_was_not_known_yet_has_its_default(tmp_path):
    first, second = (part(tmp_path / name, [name]) for name in ("rte", "mrpc"))
    values = yaml.safe_load((first / "configuration.yaml").read_text())
    del values["finetune"]["batch_size"], values["latency"]
    (first / "configuration.yaml").write_text(yaml.safe_dump(values))
    refused = pool(first, second, to=tmp_path / "both")
    assert "has another finetune.batch_size than" in refused.stderr  # 16 there, 32 by default
    values["finetune"]["batch_size"] = 16
    (first / "configuration.yaml").write_text(yaml.safe_dump(values))
    done = pool(first, second, to=tmp_path / "both")
    assert done.returncode == 0, done.stderr
    assert "latency" in yaml.safe_load((tmp_path / "both" / "configuration.yaml").read_text())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda values: None, "is in {first} and in {second}: pool runs of different tasks or seeds"),
        (lambda values: values["finetune"].update(epochs=99.0), "has another finetune.epochs than"),
    ],
)
def test_what_does_not_belong_together_is_told_in_a_line(tmp_path, change, expected):
    first, second = (part(tmp_path / name, ["rte"]) for name in ("first", "second"))
    values = yaml.safe_load((second / "configuration.yaml").read_text())
    change(values)
    (second / "configuration.yaml").write_text(yaml.safe_dump(values))
    done = pool(first, second, to=tmp_path / "both")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert expected.format(first=first, second=second) in done.stderr
    assert not (tmp_path / "both").exists()
