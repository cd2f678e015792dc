import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.paper import PAPER_METHODS
from multipress.analysis.pareto import on_front, pareto
from multipress.analysis.tables import BY_SIZE, TABLES
from tests import forked
from tests.unit.analysis.cases import MULTIPLICATIVE, results, row, study, unlike, without

ROOT = Path(__file__).parents[3]

ALWAYS = {table.name for table in TABLES} - {table.name for table in BY_SIZE.values()}
"""Tables of all results, whatever sizes they have."""


@pytest.fixture
def run(tmp_path):
    """A function that writes results and runs a script on them."""

    def script(name, table, *arguments):
        path = tmp_path / "results.csv"
        path.write_text(table if isinstance(table, str) else table.to_csv(index=False))
        command = [sys.executable, "-m", "multipress", name, "--results", str(path), *arguments]
        return forked.run_text(command)

    return script


@pytest.fixture
def analyze(run, tmp_path):
    def script(table, **params):
        given = ["--params", json.dumps(params)] if params else []
        return run("analyze", table, "--output-dir", str(tmp_path / "out"), *given)

    return script


def written(tmp_path):
    return {path.stem for path in (tmp_path / "out").glob("*.csv")}


def test_every_table_is_written_and_the_same_each_time(analyze, tmp_path):
    done = analyze(results(MULTIPLICATIVE), draws=100)
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ALWAYS
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert analyze(results(MULTIPLICATIVE), draws=100).returncode == 0
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_params_are_optional_and_baselines_left_out(analyze, tmp_path):
    table = results(MULTIPLICATIVE, names=["ft", "kd", "ft-int8", "ft-int16", "ft-ptq8"])
    assert analyze(table, draws=100, baselines=["ft-int16"]).returncode == 0
    assert set(pd.read_csv(tmp_path / "out/pareto.csv")["recipe"]) == {"ft", "kd", "ft-int8"}
    assert analyze(table).returncode == 0
    assert "ft-int16" in set(pd.read_csv(tmp_path / "out/pareto.csv")["recipe"])


def test_other_sizes_have_a_table_1_where_any_model_has_them(analyze, tmp_path):
    table = results(MULTIPLICATIVE)
    table["packed_mb"] = np.where(table["recipe"] == "ft", 2.0, 1.0) * table["paper_mb"]
    table["deployed_mb"] = np.nan
    assert analyze(table, draws=100).returncode == 0
    assert written(tmp_path) == ALWAYS | {"table1_packed"}
    assert pd.read_csv(tmp_path / "out/table1_packed.csv")["QAT"].tolist() == [8, 8]


def test_a_model_without_another_size_leaves_open_what_rests_on_it_there_alone(analyze, tmp_path):
    table = results(MULTIPLICATIVE)
    unknown = (table["arch"] == "small") & (table["recipe"] == "kd-int8") & (table["task"] == "b")
    table["packed_mb"] = table["paper_mb"].where(~unknown | (table["seed"] == 0))
    assert analyze(table, draws=100).returncode == 0
    packed, paper = (pd.read_csv(tmp_path / f"out/{name}.csv") for name in ("table1_packed", "table1"))
    assert packed["QAT+KD"].isna().all()
    assert packed["note"].tolist() == ["b lacks small/kd-int8 (seed 1)"] * 2
    assert packed["QAT+KD+MP"].tolist() == [32, 8]
    assert paper["QAT+KD"].tolist() == [16, 4]


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ({"task": "d"}, "d lacks big/ft-int8;"),
        ({"seed": 1}, "a lacks big/ft-int8 (seed 1);"),
        ({"recipe": "ft-int8"}, "a lacks big/ft-int8;"),
    ],
)
def test_a_task_or_seed_without_another_size_is_missed_and_not_forgotten(analyze, tmp_path, cells, note):
    table = results(MULTIPLICATIVE)
    table["packed_mb"] = table["paper_mb"]
    ((column, value),) = cells.items()
    table.loc[table[column] == value, "packed_mb"] = np.nan
    assert analyze(table, draws=100).returncode == 0
    packed = pd.read_csv(tmp_path / "out/table1_packed.csv")
    assert packed["n_tasks"].tolist() == [4, 4]
    assert packed["QAT"].isna().all()
    assert packed["note"].str.contains(note, regex=False).all()


def test_an_architecture_without_another_size_comes_last_and_is_open(analyze, tmp_path):
    table = results(MULTIPLICATIVE)
    table["packed_mb"] = table["paper_mb"].where(table["arch"] == "small")
    assert analyze(table, draws=100).returncode == 0
    packed = pd.read_csv(tmp_path / "out/table1_packed.csv")
    assert packed["arch"].tolist() == ["small", "big"]
    assert packed.loc[1, [*PAPER_METHODS, "size_mb"]].isna().all()


@pytest.mark.parametrize(
    ("table", "params", "message"),
    [
        ("", {}, "no CSV table"),
        ("task,arch\na,b\n", {}, "has no column recipe"),
        (results(names=["ft-ptq8"]), {}, "no model of the designed experiment, only 16 of ft-ptq8 (post-training"),
        (results(), {"tolerence": 1}, "--params: tolerence: unknown key; did you mean 'tolerance'?"),
        (results(), {"draws": 3}, "--params: draws"),
    ],
)
def test_each_mistake_ends_with_one_line(analyze, tmp_path, table, params, message):
    done = analyze(table, **params)
    assert done.returncode == 1
    assert done.stderr.startswith("multipress analyze: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_single_model_is_no_trouble(analyze, tmp_path):
    done = analyze(results(names=["ft"], tasks=["a"], seeds=[1]).head(1), draws=100)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert written(tmp_path) == ALWAYS


def test_an_output_folder_that_is_a_file_is_refused_before_anything_is_read(run, tmp_path):
    (tmp_path / "out").write_text("mine")
    done = run("analyze", "no table", "--output-dir", str(tmp_path / "out"))
    assert (done.returncode, (tmp_path / "out").read_text()) == (2, "mine")
    assert f"{tmp_path / 'out'} is no folder" in done.stderr.splitlines()[-1]


def test_models_in_doubt_are_named_on_stderr_and_where_that_is_not_known_the_output_says_so(analyze):
    table = results(MULTIPLICATIVE)
    done = analyze(table.assign(score_majority=85.0, rows=10_000), draws=100)
    assert "whether models have learnt" not in done.stdout
    assert (
        "multipress analyze: models that have not learnt their task, for one answer to all rows scores as much: 32"
        in done.stderr
    )
    assert "see flags.csv\n" in done.stderr
    assert "architecture, beyond which none was studied; see table1_per_task.csv" in done.stderr
    done = analyze(table, draws=100)
    assert "whether models have learnt their task is not known: no columns score_majority and rows\n" in done.stdout
    assert "not learnt" not in done.stderr


def test_a_table_of_another_program_gives_the_same_answers(analyze, tmp_path):
    table = results(MULTIPLICATIVE)
    assert analyze(table, draws=100).returncode == 0
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    text = table.to_csv(index=False, sep=";", decimal=",").replace(";", " ;")
    done = analyze("\ufeff\n" + text.replace("score", "Score").replace("paper_mb", "Paper MB"), draws=100)
    assert done.returncode == 0, done.stderr
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_what_is_left_out_and_what_looks_odd_is_named_on_stderr(analyze):
    table = results(MULTIPLICATIVE, names=["ft", "kd", "ft-ptq8", "ft-int16"])
    table["paper_mb"] *= 1e6
    table.loc[table["task"] == "b", "score"] = 50
    done = analyze(table, draws=100, baselines=["ft-int16"])
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "multipress analyze: paper_mb is up to 1.2e+08; sizes are in MB of 10^6 bytes",
        "multipress analyze: all models of task b have the score 50: no evidence of what compressions cost",
        "multipress analyze: left out 32 of 64 models: 16 of ft-ptq8 (post-training quantization); "
        "16 of ft-int16 (named as baselines)",
        "multipress analyze: of 8 choices of Table 1, 8 of the smallest architecture, beyond which none was studied; "
        "see table1_per_task.csv, at_end_of_curve",
    ]


def test_fractions_are_refused_unless_they_are_said_to_be_points(analyze, run, tmp_path):
    table = results(MULTIPLICATIVE).assign(score=lambda rows: rows["score"] / 100)
    done = analyze(table, draws=100)
    assert done.returncode == 1
    assert "like fractions; scores are in points from 0 to 100: multiply by 100" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert run("analyze", table, "--in-points", "--output-dir", str(tmp_path / "out")).returncode == 0
    asked = ["--within", "0", "--of", "big/ft"]
    assert "like fractions" in run("recommend", table, *asked).stderr
    assert run("recommend", table, *asked, "--in-points").stdout.startswith("model   small/kd-mp50-int8\n")


def test_the_front_holds_what_nothing_beats_in_size_and_score():
    sizes, scores = np.array([1.0, 2, 2, 3, 3, np.nan]), np.array([5.0, 5, 7, 7, 8, np.nan])
    assert on_front(sizes, scores)[:5].tolist() == [True, False, True, False, True]


def test_models_that_equal_each_other_are_both_on_the_front():
    assert on_front(np.array([1.0, 1.0]), np.array([5.0, 5.0])).all()
    means = np.array([(80.1 + 80.1 + 80.2) / 3, (80.2 + 80.1 + 80.1) / 3])
    assert means[0] != means[1]
    assert [on_front(np.array(sizes), means).tolist() for sizes in ([1.0, 4.0], [4.0, 1.0])] == [
        [True, False],
        [False, True],
    ]


def test_a_model_that_lacks_a_task_is_on_no_front():
    table = pareto(study(without(results(MULTIPLICATIVE), arch="small", recipe="kd-mp50-int8", task="b")))
    lacking = row(table, arch="small", recipe="kd-mp50-int8")
    assert pd.isna([lacking["on_front"], lacking["score"], lacking["front_share"]]).all()
    assert lacking["note"] == "b lacks small/kd-mp50-int8"
    assert [
        (arch, recipe) for arch, recipe, on in zip(table.arch, table.recipe, table.on_front, strict=True) if on is True
    ] == [
        ("small", "ft-mp50-int8"),
        ("small", "kd-int8"),
    ]


@pytest.mark.parametrize("mb", [30.0, 29.0])
def test_a_model_that_luck_put_on_the_front_is_there_in_few_draws(mb):
    table = unlike(names=["ft", "ft-int8"])
    of_small = (table["arch"] == "small") & (table["recipe"] == "ft")  # hardly smaller than big/ft-int8, about as good
    table.loc[of_small, "score"] = table.loc[of_small, "task"].map({"a": 91.0, "b": 89.5}).fillna(89.9)
    table.loc[(table["arch"] == "big") & (table["recipe"] == "ft-int8"), "score"] = 90.0
    table["paper_mb"] = 30.0
    table.loc[of_small, "paper_mb"] = mb
    table.loc[(table["arch"] == "big") & (table["recipe"] == "ft"), "paper_mb"] = 120.0
    of = study(table, draws=2000)
    found = pareto(of)
    small, big = (row(found, arch=arch, recipe=recipe) for arch, recipe in (("small", "ft"), ("big", "ft-int8")))
    assert (small["on_front"], big["on_front"]) == (True, False)
    counts = np.stack([(of.outcomes.tasks[of.outcomes.draws] == task).sum(axis=1) for task in range(6)])
    beats = 1.0 * counts[0] - 0.5 * counts[1] - 0.1 * counts[2:].sum(axis=0)
    first, least = (small, -1e-9) if mb == 30 else (big, 1e-9)
    share = (beats > least).mean() if first is small else (beats < least).mean()
    assert first["front_share"] == pytest.approx(share, abs=0.02)
    assert 0.3 < share < 0.8
    assert mb == 30 or small["front_share"] == 1
    assert pd.isna(pareto(study(results(tasks=["a"])))["front_share"]).all()


def test_the_smallest_model_within_the_points_is_recommended(run, tmp_path):
    table = results(MULTIPLICATIVE).assign(packed_mb=1.0)
    done = run("recommend", table, "--within", "0.5", "--of", "big/ft")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "model   small/kd-mp50-int8",
        "size    3.750 MB (paper_mb)",
        "score   90.00 (+0.00 against big/ft)",
        f"packed  not known: {tmp_path}/results.csv does not lie in the folder tables of a run's results",
    ]


def test_one_task_and_another_size_can_decide_otherwise(run):
    table = results(MULTIPLICATIVE)
    table["packed_mb"] = table["paper_mb"].where(table["recipe"] != "kd-mp50-int8", 1000)
    table.loc[(table["task"] == "b") & (table["recipe"] == "kd-int8"), "score"] = 0
    arguments = ["--within", "0", "--of", "big/ft", "--task", "b", "--size", "packed_mb"]
    done = run("recommend", table[table["seed"] == 1], *arguments)
    assert done.stdout.splitlines()[0] == "model   big/ft-mp50-int8"


def test_a_model_that_lacks_a_task_is_not_recommended(run):
    table = without(results(MULTIPLICATIVE), arch="small", recipe="kd-mp50-int8", task="c", seed=1)
    done = run("recommend", table, "--within", "0.5", "--of", "big/ft")
    assert done.stdout.splitlines()[0] == "model   small/kd-int8"
    assert done.stdout.splitlines()[-1] == "left out: 1 of the models, which lack a task, a seed or paper_mb"
    assert "packed " not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--of", "big/kdd"], "no model big/kdd; name one as arch/recipe"),
        (["--of", "big/ft", "--task", "zz"], "no task zz; they have a, b, c, d"),
        (["--of", "big/ft", "--size", "packed_mb"], "no column packed_mb"),
        (["--of", "small/kd"], "small/kd lacks tasks or seeds"),
    ],
)
def test_a_recommendation_that_cannot_be_given_says_why(run, arguments, message):
    table = without(results(MULTIPLICATIVE), arch="small", recipe="kd", task="a")
    done = run("recommend", table, "--within", "0.5", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.startswith("multipress recommend: error: ")
    assert done.stderr.count("\n") == 1


def test_where_no_model_has_the_size_none_is_recommended(run):
    table = results().assign(packed_mb=np.nan)
    done = run("recommend", table, "--within", "0.5", "--of", "big/ft", "--size", "packed_mb")
    assert done.returncode == 1
    assert "no model with packed_mb is within 0.5 points of big/ft (90.00)" in done.stderr


def write_latencies(folder, table, slower=()):
    """latency.csv of one task and seed: ms are a hundredth of paper_mb, ten times that at batch 32; some are slower."""
    rows = [
        {"task": "a", "arch": each.arch, "recipe": each.recipe, "seed": 1, "runtime": runtime, "device": device}
        | {"threads": 1, "batch": batch, "length": "48", "measured_recipe": each.recipe, "n": 5, "speedup": 1.0}
        | {"p10_ms": factor * (9 if each.recipe in slower else each.paper_mb / 100), "median_ms": 77.0, "cpu": "a cpu"}
        for each in table[(table["task"] == "a") & (table["seed"] == 1)].itertuples()
        for runtime, device, batch, factor in (
            ("torch", "a gpu", 1, 1e-3),
            ("openvino", "cpu", 1, 1e-2),
            ("onnxruntime", "cpu", 32, 10),
            ("onnxruntime", "cpu", 1, 1),
        )
    ]
    pd.DataFrame(rows).to_csv(folder / "latency.csv", index=False)


def test_the_fastest_model_within_the_points_is_recommended(run, tmp_path):
    table = results(MULTIPLICATIVE)
    write_latencies(tmp_path, table, slower=["kd-mp50-int8"])
    arguments = ["--within", "0.5", "--of", "big/ft", "--target", "latency"]
    done = run("recommend", table, *arguments)
    assert done.stdout.splitlines()[:3] == [
        "model   small/kd-int8",
        "latency 0.075 ms (onnxruntime, batch 1, 48 tokens)",
        "score   90.00 (+0.00 against big/ft)",
    ]
    many = run("recommend", table, *arguments, "--latency-of", "onnxruntime,32,48", "--json")
    told = json.loads(many.stdout)
    assert (told["model"], told["latency"]) == ("small/kd-int8", pytest.approx(0.75))
    assert told["latency_definition"] == "onnxruntime, batch 32, 48 tokens"
    write_latencies(tmp_path, table[table["recipe"] != "kd-int8"], slower=["kd-mp50-int8"])
    left = run("recommend", table, *arguments).stdout.splitlines()
    assert left[0] != "model   small/kd-int8"
    assert left[-1] == "left out: 2 of the models, which lack a task, a seed or latency_ms"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--latency-of", "onnxruntime,1,48"], "--latency-of is of --target latency: add that, or leave it out"),
        (["--target", "latency", "--size", "paper_mb"], "--size is of --target size: leave it out"),
        (["--target", "latency", "--latency-of", "torch,1,48"], "was not measured: use one of openvino,1,48 onnx"),
    ],
)
def test_a_latency_that_was_not_measured_or_not_asked_for_is_told(run, tmp_path, arguments, message):
    table = results(MULTIPLICATIVE)
    write_latencies(tmp_path, table)
    done = run("recommend", table, "--within", "0.5", "--of", "big/ft", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_measured_latencies_none_is_recommended_by_them(run):
    done = run("recommend", results(), "--within", "0.5", "--of", "big/ft", "--target", "latency")
    assert done.returncode == 1
    assert "latency.csv is missing: name a task in latency.tasks of the study, and run it again" in done.stderr


@pytest.fixture
def folder(tmp_path):
    """A folder of results with a table of two tasks and seeds, and the packed files of one recommended model."""
    folder = tmp_path / "my runs" / "results"
    (folder / "tables").mkdir(parents=True)
    table = results(MULTIPLICATIVE, tasks=["a", "b"]).assign(packed_mb=lambda rows: rows["paper_mb"])
    table.to_csv(folder / "tables" / "results.csv", index=False)
    for task, seed in [("a", 0), ("a", 1), ("b", 0), ("b", 1)]:
        file = folder / f"packed/{task}/small/seed{seed}/kd-mp50-int8.safetensors"
        file.parent.mkdir(parents=True)
        file.touch()
    return folder


def recommended(table, cwd, *arguments):
    """Lines after the score, from another working directory."""
    command = [sys.executable, "-m", "multipress", "recommend", "--results", str(table), "--within", "0.5"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = forked.run_text([*command, "--of", "big/ft", *arguments], cwd=cwd, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[3:]


def expanded(word, cwd):
    """The paths that a shell makes of a word."""
    command = ["bash", "-c", f"printf '%s\\n' {word}"]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=True).stdout.splitlines()


@pytest.mark.parametrize(
    ("cwd", "table"),
    [
        ("my runs", "results/tables/results.csv"),
        ("my runs/results/tables", "results.csv"),
        ("my runs/results/tables", "./results.csv"),
        ("my runs/results/packed", "../tables/results.csv"),
        ("my runs/results/tables/deeper", "../results.csv"),
        (".", "my runs/results/tables/results.csv"),
        ("elsewhere", "../link/tables/results.csv"),
    ],
)
def test_recommended_files_exist_from_where_the_user_stands(folder, tmp_path, cwd, table):
    (folder / "tables" / "deeper").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(folder)
    (line,) = recommended(table, tmp_path / cwd)
    assert line.startswith("packed  ")
    paths = expanded(line.removeprefix("packed  "), tmp_path / cwd)
    assert len(paths) == 4
    assert all((tmp_path / cwd / path).is_file() for path in paths)


def test_a_single_file_is_a_path_as_it_is(folder, tmp_path):
    table = pd.read_csv(folder / "tables" / "results.csv")
    table[table["seed"] == 1].to_csv(folder / "tables" / "results.csv", index=False)
    (line,) = recommended("my runs/results/tables/results.csv", tmp_path, "--task", "b")
    assert line == "packed  my runs/results/packed/b/small/seed1/kd-mp50-int8.safetensors"


def test_files_that_are_not_there_are_not_said_to_be(folder, tmp_path):
    (folder / "packed/b/small/seed1/kd-mp50-int8.safetensors").unlink()
    assert recommended("results/tables/results.csv", folder.parent) == [
        "packed  results/packed/a/small/seed{0,1}/kd-mp50-int8.safetensors",
        "packed  results/packed/b/small/seed0/kd-mp50-int8.safetensors",
        "not there: results/packed/b/small/seed1/kd-mp50-int8.safetensors",
        "make: run their study again, with its --configfile; its rule pack makes them",
    ]


def test_recommend_answers_programs_in_json_with_the_numbers_that_it_prints(run):
    given = results(MULTIPLICATIVE), "--within", "5", "--of", "big/ft"
    told = json.loads(run("recommend", *given, "--json").stdout)
    printed = run("recommend", *given).stdout
    assert f"model   {told['model']}\n" in printed
    assert f"size    {told['size']:.3f} MB ({told['size_definition']})\n" in printed
    assert f"score   {told['score']:.2f} ({told['score'] - told['score_of']:+.2f} against {told['of']})" in printed
