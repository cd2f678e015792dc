import json
import math
import sys

import pandas as pd
import pytest

from multipress.core.errors import UserError
from multipress.evaluation.results_table import read_table, summarize, tabulate, write_summary, write_table
from tests import forked

PARAMETERS = {"large": 300, "mini": 30, "tiny": 3}


def record(task="cola", arch="tiny", recipe="ft", seed=0, score=80.0, **others):
    return {
        "task": task,
        "arch": arch,
        "recipe": recipe,
        "seed": seed,
        "data": "synthetic",
        "metric": "accuracy",
        "score": score,
        "score_majority": 50.0,
        "score_deployed": score,
        "logits_gap": 0.001,
        "logits_gap_mean": 0.0001,
        "logits_gap_p99": 0.0005,
        "predictions_changed": 0,
        "accuracy": score / 100,
        "rows": 500,
        "parameters": PARAMETERS[arch],
        "nonzero": PARAMETERS[arch],
        "paper_mb": PARAMETERS[arch] / 10,
        "paper_mb_no_embeddings": PARAMETERS[arch] / 20,
        "deployed_mb": PARAMETERS[arch] / 10 + len(task),
        "deployed_mb_no_embeddings": PARAMETERS[arch] / 20 + len(task),
        "packed_mb": PARAMETERS[arch] / 15,
        "packed_mb_no_embeddings": PARAMETERS[arch] / 25,
        "onnx_mb": PARAMETERS[arch] / 12,
        "entropy_mb": PARAMETERS[arch] / 16,
        "entropy_mb_no_embeddings": PARAMETERS[arch] / 26,
        "steps": 90,
        "rows_seen": 2880,
        "compute": 10**15,
        "train_seconds": 1.0,
        "trained_on": "a GPU",
        "micro_batch": None,
        "evaluate_seconds": 0.5,
    } | others


@pytest.fixture
def metrics(tmp_path):
    """A function that writes each list of records to a file of its own and returns the paths."""

    def write(*lists):
        paths = [tmp_path / f"metrics{number}.json" for number in range(len(lists))]
        for path, records in zip(paths, lists, strict=True):
            path.write_text(json.dumps(records))
        return paths

    return write


def test_rows_are_ordered_by_task_as_given_architecture_size_recipe_and_seed(metrics):
    files = metrics(
        [record("rte", "tiny", recipe, seed) for recipe in ("kd-mp60-int8", "ft-mp60", "ft") for seed in (1, 0)],
        [record("cola", arch) for arch in ("tiny", "large", "mini")],
        [record("rte", "large", recipe) for recipe in ("ft-mp60", "ft-mp40", "kd", "ft-int4", "ft-int8")],
    )
    table = tabulate(files)
    assert list(table[["task", "arch", "recipe", "seed"]].itertuples(index=False, name=None)) == [
        *(("rte", "large", recipe, 0) for recipe in ("ft-int8", "ft-int4", "kd", "ft-mp40", "ft-mp60")),
        *(("rte", "tiny", recipe, seed) for recipe in ("ft", "ft-mp60", "kd-mp60-int8") for seed in (0, 1)),
        *(("cola", arch, "ft", 0) for arch in ("large", "mini", "tiny")),
    ]


def test_columns_are_fixed_and_further_dev_sets_come_last(metrics):
    with_more = record("mnli", f1_mismatched=0.7, accuracy_mismatched=0.8)
    alone = tabulate(metrics([record("stsb", pearson=0.5)]))
    both = tabulate(metrics([record("stsb", pearson=0.5)], [with_more]))
    assert list(both.columns) == [*alone.columns, "accuracy_mismatched", "f1_mismatched"]
    assert list(alone.columns[:7]) == ["task", "arch", "recipe", "seed", "subset", "data", "metric"]
    assert alone["f1"].isna().all()
    assert both.loc[both["task"] == "mnli", "accuracy_mismatched"].item() == 0.8


def test_variants_are_known_by_their_steps(metrics):
    files = metrics([record(recipe="kdn-mp60"), record(recipe="kd-mp60")])
    table = tabulate(files, {"kdn": "kd"})
    assert dict(zip(table["recipe"], table["subset"], strict=True)) == {"kd-mp60": "KD+MP", "kdn-mp60": "kdn+MP"}
    assert summarize(table, {"kdn": "kd"})["subset"].tolist() == ["KD+MP", "kdn+MP"]
    with pytest.raises(UserError, match="'kdn-mp60' is no recipe: there is no step 'kdn'"):
        tabulate(files)


def test_a_model_given_twice_is_refused_by_name_of_file_and_model(metrics):
    files = metrics([record()], [record("rte"), record()])
    with pytest.raises(UserError, match=r"metrics1\.json repeats task cola, arch tiny, recipe ft, seed 0"):
        tabulate(files)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([record(), {key: value for key, value in record("rte").items() if key != "score"}], r"record 1\.score: Field"),
        ([record(score=math.nan)], r"record 0\.score: .*finite"),
        ([record(recipe="mp60-ft")], "'mp60-ft' is no recipe: it must begin with ft or kd"),
        ([record(accuracy_mismatched="high")], r"record 0\.accuracy_mismatched: .*number"),
        ([1], "record 0: .*dictionary"),
        ({"task": "cola"}, "no list of records"),
        ([], "hold no model"),
    ],
)
def test_bad_records_are_refused_with_their_place(metrics, content, expected):
    with pytest.raises(UserError, match=expected) as caught:
        tabulate(metrics(content))
    assert "\n" not in str(caught.value)


def test_the_summary_averages_over_seeds_and_tasks(metrics):
    scores = {("cola", 0): 70.0, ("cola", 1): 80.0, ("rte", 0): 60.0, ("rte", 1): 62.0}
    files = metrics([record(task, seed=seed, score=score) for (task, seed), score in scores.items()])
    (row,) = summarize(tabulate(files)).to_dict("records")
    assert row["score"] == pytest.approx((65 + 71) / 2)
    assert row["score_std"] == pytest.approx(math.sqrt(2 * 3**2))
    assert (row["n_tasks"], row["n_seeds"], row["subset"], row["note"]) == (2, 2, "none", "")
    assert row["paper_mb"] == pytest.approx(0.3)
    assert row["deployed_mb"] == pytest.approx(0.3 + (len("cola") + len("rte")) / 2)


def test_a_table_of_before_sizes_of_onnx_files_has_none_in_its_summary(metrics, tmp_path):
    table = tabulate(metrics([record()]))
    write_table(tmp_path / "results.csv", table)
    assert write_summary(tmp_path / "results.csv", tmp_path / "summary.csv")["onnx_mb"].tolist() == [0.25]
    write_table(tmp_path / "results.csv", table.drop(columns="onnx_mb"))
    assert write_summary(tmp_path / "results.csv", tmp_path / "summary.csv")["onnx_mb"].isna().all()
    write_table(tmp_path / "results.csv", table.drop(columns="packed_mb"))
    with pytest.raises(UserError, match="packed_mb"):
        write_summary(tmp_path / "results.csv", tmp_path / "summary.csv")


def test_one_seed_has_no_deviation(metrics):
    (row,) = summarize(tabulate(metrics([record(), record("rte")]))).to_dict("records")
    assert row["n_seeds"] == 1
    assert math.isnan(row["score_std"])


def test_the_summary_is_in_order_even_where_the_first_task_lacks_models(metrics):
    files = metrics(
        [record("cola", "tiny", "kd"), record("cola", "mini", "ft")],
        [record("rte", arch, recipe) for arch in ("tiny", "large") for recipe in ("kd", "ft-int8", "ft")],
    )
    summary = summarize(tabulate(files))
    assert list(zip(summary["arch"], summary["recipe"], strict=True)) == [
        *(("large", recipe) for recipe in ("ft", "ft-int8", "kd")),
        ("mini", "ft"),
        *(("tiny", recipe) for recipe in ("ft", "ft-int8", "kd")),
    ]


def test_a_mean_over_fewer_tasks_is_never_shown(metrics):
    files = metrics(
        [record(task, seed=seed) for task in ("cola", "rte") for seed in (0, 1)],
        [record("cola", recipe="kd"), record("rte", recipe="kd"), record("cola", recipe="kd", seed=1)],
    )
    complete, incomplete = summarize(tabulate(files)).to_dict("records")
    assert complete["note"] == ""
    assert incomplete["note"] == "missing: rte (seed 1)"
    for column in ("score", "score_std", "paper_mb", "deployed_mb"):
        assert math.isnan(incomplete[column])


def test_a_mean_over_fewer_seeds_is_never_shown(metrics):
    records = [record(recipe=recipe, seed=seed) for recipe in ("ft", "kd") for seed in (0, 1)]
    complete, incomplete = summarize(tabulate(metrics(records[:3]))).to_dict("records")
    assert (complete["recipe"], complete["score"], complete["note"]) == ("ft", 80, "")
    assert all(math.isnan(incomplete[column]) for column in ("score", "score_std", "paper_mb"))
    assert incomplete["note"] == "missing: cola (seed 1)"


def test_data_of_several_sources_are_all_named(metrics):
    files = metrics([record("cola", data="hub"), record("mine", data="folder")])
    assert summarize(tabulate(files))["data"].item() == "folder+hub"


def test_written_numbers_are_rounded_and_read_back_with_names_as_text(metrics, tmp_path):
    table = tabulate(
        metrics([record("007", score=81.123456, accuracy=0.81123456789, paper_mb=1.23456789, train_seconds=0.12345)])
    )
    write_table(tmp_path / "results.csv", table)
    row = (tmp_path / "results.csv").read_text().splitlines()[1].split(",")
    assert [row[list(table.columns).index(key)] for key in ("score", "accuracy", "paper_mb", "train_seconds")] == [
        "81.1235",
        "0.811235",
        "1.234568",
        "0.123",
    ]
    assert read_table(tmp_path / "results.csv", ["score"])["task"].item() == "007"


@pytest.mark.parametrize(
    ("content", "expected"),
    [("arch\ntiny\n", "no column score"), ("", "no CSV table"), ("a\nb\nc,d\n", "no CSV table"), (None, "is missing")],
)
def test_an_unreadable_table_is_named(tmp_path, content, expected):
    path = tmp_path / "summary.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=rf"summary\.csv.*{expected}") as caught:
        read_table(path, ["arch", "score"])
    assert "\n" not in str(caught.value)


def tabulate_by_script(files, tmp_path):
    command = [sys.executable, "-m", "workflow_scripts.tabulate", "--params", "{}", "--metrics", *map(str, files)]
    outputs = ["--results", str(tmp_path / "out/results.csv"), "--summary", str(tmp_path / "out/summary.csv")]
    return forked.run_text(command + outputs)


def test_the_script_writes_both_tables(metrics, tmp_path):
    done = tabulate_by_script(metrics([record(), record(recipe="kd")], [record("rte")]), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 models; 2 means over tasks, 1 of them incomplete" in done.stdout
    assert len(pd.read_csv(tmp_path / "out/results.csv")) == 3
    assert list(pd.read_csv(tmp_path / "out/summary.csv")["note"].fillna("")) == ["", "missing: rte (seed 0)"]


def test_the_script_names_a_bad_file_in_one_line(tmp_path):
    done = tabulate_by_script([tmp_path / "nowhere.json"], tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("tabulate: error: ")
    assert "nowhere.json" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_how_long_a_model_was_trained_stays_a_whole_number_also_where_others_do_not_say(metrics, tmp_path):
    unknown = dict.fromkeys(["steps", "rows_seen", "compute"])
    write_table(tmp_path / "results.csv", tabulate(metrics([record(), record(recipe="kd", **unknown)])))
    lines = (tmp_path / "results.csv").read_text().splitlines()
    assert ",90,2880,1000000000000000,,1.0," in lines[1]
    assert ",,,,1.0," in lines[2]
