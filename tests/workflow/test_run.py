import json

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from multipress.analysis.paper import PAPER_METHODS
from multipress.compression import recipes
from multipress.compression.method import Group
from multipress.compression.rebuild import load_model
from multipress.compression.registry import has
from multipress.data.token_files import read_tokens
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.deployment.packed_models import load_packed
from multipress.evaluation.metrics import score_all
from multipress.reporting.contents import FIGURES
from multipress.training.inference import logits_in_batches, predict
from multipress.workflow.staleness.rule_graph import follow
from tests.runs import CONFIGS, ROOT, Workflow, write_weather

STUDY = yaml.safe_load((ROOT / CONFIGS[-1]).read_text(encoding="utf-8"))["study"]
TASKS = STUDY["tasks"]
DESIGNED = recipes.cross([["ft", "kd"], ["mp60"], ["int8"]])
RECIPES = [*DESIGNED, *STUDY["recipes"]]


def methods_of(recipe):
    return [step.method for step in recipes.steps(recipe)]


def has_exits(recipe):
    return methods_of(recipe)[-1].group == Group.EXIT


@pytest.fixture(scope="module")
def table(finished):
    return pd.read_csv(finished.results / "tables" / "results.csv", keep_default_na=False, na_values=[""])


def model_folder(finished, row):
    return finished.results / "models" / row.task / row.arch / f"seed{row.seed}" / row.recipe


def encoder_weights(folder):
    tensors = load_file(folder / "model.safetensors")
    return {name: value for name, value in tensors.items() if ".encoder.layer." in name and value.ndim == 2}


def test_there_is_a_row_for_every_model_and_the_teacher(table):
    students = {(row.task, row.recipe) for row in table.itertuples() if row.arch == "nano"}
    assert students == {(task, recipe) for task in TASKS for recipe in RECIPES}
    assert {(row.task, row.recipe) for row in table.itertuples() if row.arch == "micro"} == {(t, "ft") for t in TASKS}
    assert set(table.data) == {"synthetic", "folder"}
    assert table.score.between(-100, 100).all()


def test_every_score_follows_from_the_stored_predictions(finished, table):
    for row in table.itertuples():
        folder = finished.results / "evaluations" / row.task / row.arch / f"seed{row.seed}"
        stored = pd.read_parquet(folder / "predictions.parquet")
        rows = stored[(stored.recipe == row.recipe) & (stored.split == "dev")]
        task = json.loads((finished.results / "data" / row.task / "task.json").read_text())
        metrics = score_all(task["kind"], rows.label.to_numpy(), rows.prediction.to_numpy(), len(task["labels"] or []))
        assert row.score == pytest.approx(100 * metrics[row.metric], abs=1e-3)


def test_steps_and_rows_are_those_of_the_whole_lineages_histories(finished, table):
    for row in table.itertuples():
        names = row.recipe.split("-")
        lineage = ["-".join(names[:size]) for size in range(1, len(names) + 1)]
        place = f"{row.task}/{row.arch}/seed{row.seed}"
        files = [finished.results / "history" / place / f"{recipe}.csv" for recipe in lineage]
        trained = [pd.read_csv(file).iloc[-1] for file in files if file.exists()]
        assert len(trained) == sum(method.trains for method in methods_of(row.recipe))
        assert row.steps == sum(last.step for last in trained)
        splits = ("train", "augmented") if methods_of(row.recipe)[0].imitates else ("train",)
        rows = sum(len(read_tokens(finished.results / "tokens" / row.task / f"{split}.arrow")) for split in splits)
        if not has_exits(row.recipe):  # which do not learn from all rows
            assert row.rows_seen == pytest.approx(sum(last.epoch for last in trained) * rows)
        assert row.compute > row.rows_seen


def test_every_deployed_score_follows_from_the_exported_model(finished, table):
    assert table[table.arch == "micro"].score_deployed.isna().all()
    students = table[table.arch == "nano"]
    for row in students.itertuples():
        place = f"{row.task}/{row.arch}/seed{row.seed}"
        stored = pd.read_parquet(finished.results / "evaluations" / place / "predictions.parquet")
        rows = stored[(stored.recipe == row.recipe) & (stored.split == "dev")]
        assert stored[stored.split != "dev"].prediction_deployed.isna().all()
        # Models of these sizes may give all rows nearly the same logits: then their range is one of rounding.
        span = np.ptp(np.stack(rows.logits))
        if not has_exits(row.recipe):  # of which rounding may let a row leave elsewhere
            assert np.isnan(row.logits_gap) or row.logits_gap * span < 0.01 * max(span, 0.01)
        assert np.isnan(row.logits_gap) or row.logits_gap_mean <= row.logits_gap_p99 <= row.logits_gap
        changed = np.nan if row.task == "stsb" else (rows.prediction != rows.prediction_deployed).sum()
        assert row.predictions_changed == pytest.approx(changed, nan_ok=True)
        dev = read_tokens(finished.results / "tokens" / row.task / "dev.arrow")
        model = OnnxModel(finished.results / "onnx" / place / f"{row.recipe}.onnx")
        logits = logits_in_batches(model, model.config.outputs, dev, 7, torch.device("cpu"))
        kind = "regression" if row.task == "stsb" else "classification"
        assert np.allclose(predict(kind, logits), rows.prediction_deployed, atol=1e-3)
        metrics = score_all(kind, rows.label.to_numpy(), rows.prediction_deployed.to_numpy(), model.config.outputs)
        assert row.score_deployed == pytest.approx(100 * metrics[row.metric], abs=1e-3)


def test_every_packed_file_is_as_large_as_the_table_says_and_has_the_checkpoints_weights(finished, table):
    for row in table[table.arch == "nano"].itertuples():
        path = finished.results / "packed" / row.task / row.arch / f"seed{row.seed}" / f"{row.recipe}.safetensors"
        assert path.stat().st_size / 1e6 == pytest.approx(row.packed_mb, abs=1e-6)
        packed, packed_state = load_packed(path)[0], load_model(model_folder(finished, row)).state_dict()
        assert all(torch.equal(tensor, packed_state[name]) for name, tensor in packed.state_dict().items())
        assert row.entropy_mb < row.deployed_mb


def test_every_score_follows_from_the_checkpoint(finished, table):
    for row in table[table.task == "stsb"].itertuples():
        folder = model_folder(finished, row)
        stored = pd.read_parquet(
            finished.results / "evaluations" / row.task / row.arch / f"seed{row.seed}" / "predictions.parquet"
        )
        stored = stored[stored.recipe == row.recipe].reset_index()
        texts = pd.read_parquet(finished.results / "data" / "stsb" / "dev.parquet")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        inputs = tokenizer(
            list(texts.text_a), list(texts.text_b), padding=True, truncation=True, max_length=48, return_tensors="pt"
        )
        with torch.no_grad():
            logits = load_model(folder)(**inputs)
        assert np.allclose(logits[:, 0].numpy(), stored.prediction, atol=1e-4)


def test_models_of_a_berts_shape_load_with_transformers_alone(finished, table):
    only_values = ("ternarize", "binarize")
    of_berts = [
        recipe
        for recipe in RECIPES
        if all(not has(method.name, "structure") or method.name in only_values for method in methods_of(recipe))
    ]
    assert {*DESIGNED} & {*of_berts} == {"ft", "kd", "ft-mp60", "kd-mp60"}
    for row in table[table.recipe.isin(of_berts)].itertuples():
        model = AutoModelForSequenceClassification.from_pretrained(model_folder(finished, row))
        assert sum(parameter.numel() for parameter in model.parameters()) == row.parameters
        assert model.config.num_labels == {"stsb": 1, "mnli": 3, "weather": 2}[row.task]


def test_pruned_models_have_the_exact_sparsity_and_quantized_ones_keep_the_mask(finished, table):
    for row in table[table.recipe.str.contains("mp60")].itertuples():
        weights = encoder_weights(model_folder(finished, row))
        assert len(weights) == 2 * 6
        zeros = {name: weight == 0 for name, weight in weights.items()}
        if row.recipe.endswith("mp60"):
            assert all(int(zero.sum()) == round(0.6 * zero.numel()) for zero in zeros.values())
        else:
            parent = encoder_weights(model_folder(finished, row).with_name(recipes.parent(row.recipe)))
            assert all(bool(zeros[name][parent[name] == 0].all()) for name in zeros)


def test_quantized_weights_have_at_most_255_values(finished, table):
    of_berts = table[[methods_of(recipe)[0].has_attention for recipe in table.recipe]]
    for row in of_berts[of_berts.recipe.str.contains("int8|ptq8")].itertuples():
        tensors = load_file(model_folder(finished, row) / "model.safetensors")
        quantized = [name for name in tensors if name.endswith("weight_quantizer.scale")]
        assert len(quantized) == 3 + 2 * 6 + 1
        assert all(len(tensors[name.replace("weight_quantizer.scale", "weight")].unique()) <= 255 for name in quantized)


def test_mnli_has_both_dev_sets(table):
    mnli = table[table.task == "mnli"]
    assert mnli.accuracy_mismatched.notna().all()
    assert table[table.task != "mnli"].accuracy_mismatched.isna().all()


def test_a_users_labels_are_taken_from_the_rows(finished):
    task = json.loads((finished.results / "data" / "weather" / "task.json").read_text())
    assert task["labels"] == ["bad", "good"]


def test_the_figures_stand_in_three_formats_and_say_synthetic(finished):
    for figure in FIGURES:
        for ending in ("svg", "pdf", "png"):
            assert (finished.results / "figures" / f"{figure.name}.{ending}").stat().st_size > 5000
        assert "Synthetic" in (finished.results / "figures" / f"{figure.name}.svg").read_text()


def test_the_analysis_is_of_the_study_and_not_of_the_teacher_or_the_baselines(finished):
    tables = finished.results / "tables"
    models = pd.read_csv(tables / "pareto.csv")
    assert set(models.arch) == {"nano"}
    assert set(models.recipe) == set(DESIGNED)
    assert models.score.notna().all()
    ours = pd.read_csv(tables / "table1.csv").iloc[0]
    assert ours["size_mb"] == pytest.approx(models[models.recipe == "ft"].size_mb.iloc[0], rel=1e-5)
    for name in ("table1", "table1_packed", "table1_deployed", "interaction", "effects", "ranking", "claims"):
        table = pd.read_csv(tables / f"{name}.csv", keep_default_na=False)
        assert len(table), name
        assert not any("lacks" in note for note in table["note"]), name


def test_the_run_is_summed_up_in_a_few_numbers_that_its_tables_have(finished):
    metrics = json.loads((finished.results / "metrics.json").read_text())
    means = pd.read_csv(finished.results / "tables" / "summary.csv")
    expected = {f"{row.arch}/{row.recipe}": round(row.score, 2) for row in means.itertuples()}
    assert metrics["score"] == pytest.approx(expected)
    assert set(metrics["papers_rule_times_smaller"]) == {f"nano/{method}" for method in PAPER_METHODS}
    assert len(metrics["papers_rule_over_product"]) == 4
    trainings = pd.read_csv(finished.results / "tables" / "training.csv")
    assert trainings["progress"].tolist() == list(range(0, 101, 5))
    assert trainings.filter(like="_loss").notna().all(axis=None)


def test_every_model_of_the_measured_tasks_has_its_latency(finished, table):
    latencies = pd.read_csv(finished.results / "tables" / "latency.csv")
    exported = latencies[latencies.runtime == "onnxruntime"]
    models = {(row.task, row.arch, row.recipe) for row in exported.itertuples()}
    measured = [recipe for recipe in RECIPES if not has_exits(recipe)]
    assert models == {(task, "nano", recipe) for task in ("mnli", "weather") for recipe in measured}
    assert set(latencies.length) == {"8", "task"}
    parameters = table[(table.task == "mnli") & (table.arch == "nano")].set_index("recipe").parameters
    of_one_shape = {recipe for recipe in measured if parameters[recipe] == parameters["ft"]}
    as_ft = {recipe for recipe in of_one_shape if recipes.bits(recipe) == 32}
    assert set(exported[exported.measured_recipe == "ft"].recipe) == as_ft >= {"ft", "kd", "kd-mp60"}
    assert (exported.groupby(["task", "measured_recipe", "length"]).p10_ms.nunique() == 1).all()
    assert (latencies[latencies.recipe == "ft"].speedup == 1).all()


def test_logs_of_trainings_show_progress(finished):
    log = (finished.results / "logs" / "distill" / "stsb" / "nano" / "seed1" / "kd.log").read_text()
    assert "steps" in log
    assert "loss" in (finished.results / "history" / "stsb" / "nano" / "seed1" / "kd.csv").read_text()


def test_without_a_worker_the_bytes_are_the_same_and_both_say_what_jobs_cost(finished, tmp_path):
    alone = Workflow(tmp_path)
    write_weather(tmp_path / "weather")
    place = "mnli/nano/seed1"
    made = [f"models/{place}/ft-mp60-int8/model.safetensors", f"tokens/{place[:4]}/train.arrow"]
    targets = [f"results/synthetic/{file}" for file in made]
    process = alone.run(*targets, config=["runtime={worker: off}"])
    assert process.returncode == 0, process.stderr
    assert all((alone.results / file).read_bytes() == (finished.results / file).read_bytes() for file in made)
    for run in (alone, finished):
        usage = pd.read_csv(run.results / f"benchmarks/quantize/{place}/ft-mp60-int8.tsv", sep="\t").iloc[0]
        assert usage.cpu_time > 0.1
        assert usage.max_rss > 100
        assert usage.s > 0.1


def test_a_second_run_has_nothing_to_do(finished):
    process = finished.run("all")
    assert process.returncode == 0
    assert "Nothing to be done" in process.stdout + process.stderr


def test_a_change_of_the_configuration_makes_only_its_jobs_stale(finished):
    assert finished.stale("quantize={'learning_rate_factor': 1.0}") == {*follow(["quantize"]), "all"}
    assert finished.stale("runtime={'processes': 1}") == set()
