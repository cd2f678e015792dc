"""Latency: what is measured, in which order, against which peer, and what is said where something is missing."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch

from multipress.compression import recipes
from multipress.compression.prune.masks import magnitude_masks
from multipress.compression.quantize import layers
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.steps_file import ModelSteps, StepRecord
from multipress.core.cpus import one_of_each_core, pin, processor_name
from multipress.core.errors import UserError
from multipress.core.files import write_json
from multipress.core.subprocesses import call_in_own_process
from multipress.data.prepared import PreparedTask
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens, write_tokens
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.openvino_model import OpenVinoModel
from multipress.deployment.sparse_csr import SparseLinear, with_sparse_linears
from multipress.evaluation.latency.batches import random_batch, typical_batch
from multipress.evaluation.latency.measure import COLUMNS, LatencyJob, batches, count_measured, measure_all, rows_of
from multipress.evaluation.latency.points import Point, measure, turns
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.settings import LEAST_REPETITIONS, MeasuringSettings
from multipress.model.build import new_classifier
from multipress.model.checkpoints import save
from multipress.model.exits import NEVER, ExitRule, Exits
from multipress.model.shape import ArchitectureSpec
from multipress.training.zeros import prunable_weights
from tests.model_forms import steps_of

ROOT = Path(__file__).parents[3]
VOCABULARY = 60
RECIPES = ["ft", "ft-int8", "ft-mp60", "ft-mp60-int8", "kd"]
SETTINGS = MeasuringSettings(batch_sizes=[1, 3], lengths=[8], repetitions=6, warmup=1, seconds=0.5)
TEXT = TextFormat(tokenizer="", max_length=16, pair=False)


def make_model(recipe):
    """A random model with what the recipe does to its weights."""
    torch.manual_seed(0)
    shape, task = (
        ArchitectureSpec(layers=2, hidden=32, heads=2, feed_forward=64),
        PreparedTask(kind="classification", labels=["no", "yes"]),
    )
    model = new_classifier(shape, VOCABULARY, task, dropout=0.0)
    torch.nn.init.normal_(model.classifier.weight)
    weights = prunable_weights(model)
    with torch.no_grad():
        for name, mask in magnitude_masks(weights, recipes.sparsity(recipe), "layer").items():
            weights[name].mul_(mask)
    if recipes.bits(recipe) < 32:
        quantize(model)
    return model.eval()


def scheme():
    chosen = QuantizeSettings().model_dump(include=set(QuantizationScheme.model_fields))
    return QuantizationScheme(weight_bits=8, **chosen)


def quantize(model):
    layers.insert_quantizers(model, scheme())
    model.train()(random_batch(VOCABULARY, 16, 8)["input_ids"])
    model.eval()
    layers.round_weights(model)


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Checkpoints, ONNX models and a dev set of 40 rows with 4 to 11 tokens."""
    folder = tmp_path_factory.mktemp("latency")
    tokenizer = folder / "tokenizer"
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        write_json(tokenizer / name, {})
    (folder / "onnx").mkdir()
    for recipe in RECIPES:
        model, place = make_model(recipe), folder / "models" / recipe
        chosen = scheme() if recipes.bits(recipe) < 32 else None
        save(model, place, tokenizer, {}, steps_of(chosen, recipes.sparsity(recipe)).model_dump())
        onnx.save(to_onnx(model, metadata(model.config, TEXT)), folder / "onnx" / f"{recipe}.onnx")
    generator = np.random.default_rng(0)
    rows = [generator.integers(5, VOCABULARY, length).astype(np.int32) for length in generator.integers(4, 12, 40)]
    numbers = pa.array(range(40))
    write_tokens(folder / "dev.arrow", [(row, len(row)) for row in rows], numbers, numbers, numbers)
    return LatencyJob(Models(RECIPES, folder / "models", folder / "onnx"), folder / "dev.arrow", VOCABULARY, SETTINGS)


def run_script(job, output, settings=SETTINGS, **environment):
    params = {"task": "rte", "arch": "nano", "seed": 1, "recipes": RECIPES, "settings": settings.model_dump()}
    paths = ["--models", job.models.checkpoints, "--onnx", job.models.onnx, "--dev", job.tokens, "--output", output]
    command = [sys.executable, "-m", "workflow_scripts.measure_latency", "--params", json.dumps(params)]
    return subprocess.run(
        [*command, *map(str, paths), "--device", "cpu"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def measured(job, tmp_path_factory):
    """What the script says, and the rows that it writes."""
    output = tmp_path_factory.mktemp("measured") / "seed1.csv"
    done = run_script(job, output)
    assert done.returncode == 0, done.stderr
    with output.open() as file:
        return done, list(csv.DictReader(file))


def test_every_model_is_measured_in_every_runtime_that_can_execute_it(measured):
    _, rows = measured
    floats = [recipe for recipe in RECIPES if "int" not in recipe]
    expected = {
        (runtime, recipe, batch, length)
        for runtime, chosen in {
            "onnxruntime": RECIPES,
            "openvino": RECIPES,
            "torch": floats,
            "torch-sparse-csr": ["ft-mp60"],
        }.items()
        for recipe in chosen
        for batch in ("1", "3")
        for length in ("8", "task")
    }
    found = [(row["runtime"], row["recipe"], row["batch"], row["length"]) for row in rows]
    assert set(found) == expected
    assert len(found) == len(expected)


def test_rows_are_complete_and_say_on_what_they_were_measured(measured):
    _, rows = measured
    assert list(rows[0]) == ["task", "arch", "recipe", "seed", *COLUMNS[1:]]
    assert {(row["task"], row["arch"], row["seed"], row["device"], row["threads"]) for row in rows} == {
        ("rte", "nano", "1", "cpu", "1")
    }
    assert {row["cpu"] for row in rows} == {processor_name()}
    for row in rows:
        assert int(row["n"]) == SETTINGS.repetitions
        assert 0 < float(row["p10_ms"]) <= float(row["median_ms"])


def test_a_written_speed_up_is_that_of_the_dense_float_model_of_the_same_runtime_and_batch(measured):
    _, rows = measured
    dense = {
        (row["runtime"], row["batch"], row["length"]): float(row["p10_ms"]) for row in rows if row["recipe"] == "ft"
    }
    for row in rows:
        peer = dense[row["runtime"].removesuffix("-sparse-csr"), row["batch"], row["length"]]
        assert float(row["speedup"]) == pytest.approx(peer / float(row["p10_ms"]), rel=1e-3)


def test_models_that_differ_in_weights_share_one_measurement_and_say_whose_it_is(measured):
    done, rows = measured
    shared = {}
    for row in rows:
        shared.setdefault((row["runtime"], row["measured_recipe"]), []).append(row)
    assert {key: list(dict.fromkeys(row["recipe"] for row in group)) for key, group in shared.items()} == {
        ("onnxruntime", "ft"): ["ft", "ft-mp60", "kd"],
        ("onnxruntime", "ft-int8"): ["ft-int8", "ft-mp60-int8"],
        ("openvino", "ft"): ["ft", "ft-mp60", "kd"],
        ("openvino", "ft-int8"): ["ft-int8", "ft-mp60-int8"],
        ("torch", "ft"): ["ft", "ft-mp60", "kd"],
        ("torch-sparse-csr", "ft-mp60"): ["ft-mp60"],
    }
    for group in shared.values():
        for batch, length in {(row["batch"], row["length"]) for row in group}:
            same = [row for row in group if (row["batch"], row["length"]) == (batch, length)]
            assert len({(row["n"], row["p10_ms"], row["median_ms"], row["speedup"]) for row in same}) == 1
    assert f"{len(rows)} points, {4 * 6} of them measured and the others shared" in done.stdout


def point(recipe, runtime="torch", batch=1, seconds=(0.002,)):
    return Point(recipe, runtime, batch, "8", lambda: None, list(seconds))


def test_sparse_models_are_compared_with_dense_pytorch_and_no_peer_means_no_speed_up():
    rows = rows_of(
        [
            point("ft", seconds=[0.004]),
            point("ft", "openvino", seconds=[0.001]),
            point("ft-mp60", "torch-sparse-csr", seconds=[0.008]),
            point("kd", batch=32),
        ]
    )
    assert [row["speedup"] for row in rows] == [1.0, 1.0, 0.5, None]


def test_a_point_gives_a_row_to_each_recipe_that_shares_it_and_is_their_peer():
    shared = point("kd", seconds=[0.004])
    shared.shared_by = ["kd", "ft", "kd-mp60"]
    rows = rows_of([shared, point("ft-l1", seconds=[0.002])])
    assert [(row["recipe"], row["measured_recipe"], row["speedup"]) for row in rows] == [
        ("kd", "kd", 1.0),
        ("ft", "kd", 1.0),
        ("kd-mp60", "kd", 1.0),
        ("ft-l1", "ft-l1", 2.0),
    ]
    assert count_measured(rows) == 2


def test_percentiles_are_those_of_the_timed_calls_in_milliseconds():
    (row,) = rows_of([point("ft", seconds=[number / 1000 for number in range(1, 12)])])
    assert (row["n"], row["p10_ms"], row["median_ms"]) == (11, 2.0, 6.0)


def test_turns_hold_every_point_once_and_begin_all_over_the_list():
    points = [point(recipe) for recipe in "abcdef"]
    names = [[one.recipe for one in turn] for turn in turns(points, 3)]
    assert names == [list("abcdef"), list("cdefab"), list("efabcd")]


def test_calls_of_all_points_are_interleaved_and_short_ones_are_timed_when_they_are_warm():
    called = []
    points = [Point(name, "torch", 1, "8", lambda name=name: called.append(name)) for name in "abc"]
    measure(points, MeasuringSettings(repetitions=6, warmup=2))
    order = "".join(called)
    assert order[:6] == "abcabc"
    assert order[6:] == "aabbcc" * 2 + "bbccaa" * 2 + "ccaabb" * 2
    assert [len(one.timed) for one in points] == [6, 6, 6]


def test_a_slow_point_ends_early_but_not_before_five_calls_and_the_others_go_on():
    slow, quick = point("slow", seconds=[]), point("quick", seconds=[])
    slow.spent = 100.0
    measure([slow, quick], MeasuringSettings(repetitions=12, warmup=1, seconds=50))
    assert (len(slow.timed), len(quick.timed)) == (LEAST_REPETITIONS, 12)


def test_sparse_rows_give_the_logits_of_the_dense_model(job):
    model = make_model("ft-mp60")
    sparse = with_sparse_linears(model)
    layers = [module for module in sparse.modules() if isinstance(module, SparseLinear)]
    assert len(layers) == 2 * 6
    assert all(layer.weight.layout == torch.sparse_csr for layer in layers)
    with torch.inference_mode():
        for inputs in batches(SETTINGS, VOCABULARY, read_tokens(job.tokens)).values():
            assert torch.allclose(sparse(**inputs), model(**inputs), rtol=0, atol=1e-5)


@pytest.mark.parametrize("recipe", RECIPES)
def test_openvino_computes_what_onnxruntime_does(job, recipe):
    path = job.models.onnx / f"{recipe}.onnx"
    reference, model = OnnxModel(path), OpenVinoModel(path)
    for inputs in batches(SETTINGS, VOCABULARY, read_tokens(job.tokens)).values():
        expected = reference(**inputs)
        assert float((model(**inputs) - expected).abs().max()) < 0.02 * float(expected.abs().max())


def _precisions(model):
    """Number formats in which the products of an OpenVINO model really compute."""
    nodes = [node.get_rt_info() for node in model._compiled.get_runtime_model().get_ops()]
    products = [node for node in nodes if node["layerType"].astype(str) == "FullyConnected"]
    return {node["runtimePrecision"].astype(str) for node in products}


def test_openvino_multiplies_float_models_in_float32_and_quantized_ones_in_integers(job):
    assert _precisions(OpenVinoModel(job.models.onnx / "ft.onnx")) == {"f32"}
    assert _precisions(OpenVinoModel(job.models.onnx / "ft-int8.onnx")) >= {"u8"}


def test_fixed_lengths_have_no_padding_and_a_tasks_rows_are_padded_to_their_longest(job):
    tokens = read_tokens(job.tokens)
    fixed = random_batch(VOCABULARY, 3, 8)
    assert fixed["input_ids"].shape == (3, 8)
    assert fixed["attention_mask"] is None
    rows = typical_batch(tokens, 16)
    assert rows["attention_mask"].sum(1).max() == rows["input_ids"].shape[1] <= tokens.lengths.max()
    known = {tuple(tokens.ids[start:end]) for start, end in zip(tokens.offsets, tokens.offsets[1:], strict=False)}
    for ids, mask in zip(rows["input_ids"], rows["attention_mask"], strict=True):
        assert tuple(ids[mask].tolist()) in known
    assert typical_batch(tokens, 64)["input_ids"].shape[0] == 64


def test_one_row_of_a_task_has_the_median_length(job):
    tokens = read_tokens(job.tokens)
    assert abs(typical_batch(tokens, 1)["input_ids"].shape[1] - np.median(tokens.lengths)) <= 1


def test_models_with_exits_are_left_out_and_the_log_says_so(job, tmp_path, capfd):
    model = make_model("ft")
    rule = ExitRule(kind="entropy", threshold=NEVER)
    model.exits = Exits(model.config, len(model.bert.encoder.layers) - 1, rule)
    structure = {"rule": rule.model_dump(), "curve": []}
    made_by = ModelSteps(steps=[StepRecord(name="ee", method="early_exit", structure=structure)])
    for recipe in ("ft", "ft-ee"):
        shutil.copytree(job.models.checkpoints / "ft", tmp_path / "models" / recipe)
        (tmp_path / "onnx").mkdir(exist_ok=True)
        shutil.copyfile(job.models.onnx / "ft.onnx", tmp_path / "onnx" / f"{recipe}.onnx")
    save(model, tmp_path / "models" / "ft-ee", tmp_path / "models" / "ft", {}, made_by.model_dump())
    models = Models(["ft", "ft-ee"], tmp_path / "models", tmp_path / "onnx")
    rows = measure_all(replace(job, models=models), with_gpu=False)
    assert {row["recipe"] for row in rows} == {"ft"}
    assert "ft-ee: not measured" in capfd.readouterr().out


def test_a_runtime_that_is_not_installed_is_left_out_and_the_log_says_so(job, tmp_path):
    (tmp_path / "openvino.py").write_text("raise ModuleNotFoundError('No module named openvino')\n")
    quick = SETTINGS.model_copy(update={"batch_sizes": [1]})
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = run_script(job, tmp_path / "out.csv", quick, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert "openvino is left out, for it is not installed here: pip install openvino" in done.stdout
    with (tmp_path / "out.csv").open() as file:
        assert {row["runtime"] for row in csv.DictReader(file)} == {"onnxruntime", "torch", "torch-sparse-csr"}


def test_a_missing_model_is_named_in_one_line_and_leaves_no_table(job, tmp_path):
    lacking = LatencyJob(
        Models(["ft", "kd-int8"], job.models.checkpoints, job.models.onnx), job.tokens, VOCABULARY, SETTINGS
    )
    with pytest.raises(UserError, match=r"kd-int8\.onnx is missing") as caught:
        measure_all(lacking, with_gpu=False)
    assert "\n" not in str(caught.value)


def test_a_process_that_dies_is_an_error_that_says_so():
    with pytest.raises(UserError, match="exit status 9"):
        call_in_own_process(os._exit, 9)


def test_a_process_of_its_own_returns_what_the_function_does():
    assert call_in_own_process(os.getpid) != os.getpid()


def test_a_process_keeps_to_as_many_cpus_as_it_has_threads():
    assert len(call_in_own_process(pinned, 1)) == 1
    with pytest.raises(UserError, match="threads is 9999"):
        call_in_own_process(pinned, 9999)


def pinned(threads):
    pin(threads)
    return os.sched_getaffinity(0)


def test_each_thread_gets_a_core_of_its_own_first():
    cpus = sorted(os.sched_getaffinity(0))
    ordered = one_of_each_core(cpus)
    assert sorted(ordered) == cpus
    siblings = Path(f"/sys/devices/system/cpu/cpu{ordered[0]}/topology/thread_siblings_list")
    if siblings.exists() and len(ordered) > 1:
        same = {int(number) for number in re.findall(r"\d+", siblings.read_text())} - {ordered[0]}
        assert ordered[1] not in same or set(ordered) <= same | {ordered[0]}
