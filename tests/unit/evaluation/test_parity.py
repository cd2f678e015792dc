"""How far exported models are from their checkpoints: cases with a known answer, the record, and the audit of it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import torch

from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from multipress.core.tensor_files import write_tensors
from multipress.data.token_files import read_tokens, write_tokens
from multipress.evaluation.evaluate import EvaluatedModel, evaluate_model
from multipress.evaluation.exported import named_arrays, read_exported
from multipress.evaluation.parity import changed, logits_gaps
from multipress.evaluation.record import DEPLOYED
from multipress.evaluation.results_table import tabulate, write_table
from multipress.workflow.provenance.chain import _bears_on
from multipress.workflow.provenance.recompute import rescore
from multipress.workflow.provenance.record import JobRecord
from tests import model_forms

ROWS = 50
SIZE = 123_456
CPU = torch.device("cpu")


def test_gaps_are_shares_of_the_range_of_the_checkpoints_logits():
    logits = np.zeros((50, 2), dtype=np.float32)
    logits[0] = [-1, 3]
    deployed = logits.copy()
    deployed[:, 1] += np.arange(50, dtype=np.float32) / 8
    gaps = logits_gaps(logits, deployed)
    expected = [*np.zeros(50), *np.arange(50) / 8]
    assert gaps == {
        "logits_gap": 49 / 8 / 4,
        "logits_gap_mean": pytest.approx(np.mean(expected) / 4),
        "logits_gap_p99": pytest.approx(np.percentile(expected, 99) / 4),
    }


def test_one_outlier_shows_in_the_maximum_alone():
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(500, 3)).astype(np.float32)
    deployed = logits + np.float32(1e-4)
    deployed[7, 1] += 1
    gaps = logits_gaps(logits, deployed)
    assert gaps["logits_gap"] > 100 * gaps["logits_gap_p99"]
    assert gaps["logits_gap_mean"] < gaps["logits_gap"] / 100


def test_the_maximum_is_to_the_bit_what_it_was_before_it_had_companions():
    generator = np.random.default_rng(2)
    for _ in range(20):
        logits = generator.normal(size=(97, 3)).astype(np.float32)
        deployed = logits + generator.normal(size=logits.shape).astype(np.float32) * np.float32(1e-3)
        before = float(np.abs(logits - deployed).max()) / float(np.ptp(logits))
        gaps = logits_gaps(logits, deployed)
        assert gaps["logits_gap"] == before
        assert 0 < gaps["logits_gap_mean"] < gaps["logits_gap_p99"] <= before


@pytest.mark.parametrize(("deployed", "expected"), [(1.0, 0.0), (1.5, None)])
def test_logits_without_a_range_have_no_gap_unless_they_are_the_same(deployed, expected):
    gaps = logits_gaps(np.ones((5, 2), np.float32), np.full((5, 2), deployed, np.float32))
    assert set(gaps.values()) == {expected}


def test_changed_predictions_are_counted_and_numbers_are_none():
    assert changed("classification", np.array([0, 1, 2, 2]), np.array([0.0, 2.0, 2.0, 0.0])) == 2
    assert changed("classification", [1, 1], [1, 1]) == 0
    assert changed("regression", np.array([0.5]), np.array([0.6])) is None


@pytest.fixture(params=["classification", "regression"])
def evaluation(request, tmp_path):
    """The job of an evaluation of two models: one is exported, and its logits moved."""
    task = model_forms.WEATHER if request.param == "classification" else model_forms.CLOSENESS
    folder = model_forms.write(tmp_path / "forms", task).folder
    write_json(folder / "training.json", {"seconds": 1, "trained_on": "cpu", "micro_batch": None})
    generator = np.random.default_rng(0)
    rows = [generator.integers(5, 30, 8).astype(np.int32) for _ in range(ROWS)]
    labels = pa.array(generator.integers(0, 3, ROWS).astype(np.float64 if task.labels is None else np.int64))
    data = tmp_path / "data"
    data.mkdir()
    write_tokens(data / "dev.arrow", [(row, len(row)) for row in rows], labels, pa.array(range(ROWS)), labels)
    tokens = {"dev": read_tokens(data / "dev.arrow")}
    idx, gold = tokens["dev"].idx, tokens["dev"].labels
    pa.parquet.write_table(pa.table({"idx": idx, "label": gold}), data / "dev.parquet")
    write_json(data / "task.json", task.model_dump())
    metric = "accuracy" if task.labels else "pearson"
    made = []
    for recipe in ("ft", "kd"):
        subject = EvaluatedModel("weather", "folder", metric, "nano", recipe, 1, folder)
        made.append(evaluate_model(subject, task, tokens, 16, CPU))
    logits = np.stack(made[0][1]["logits"].to_numpy())
    exported = logits + generator.normal(scale=np.ptp(logits) / 10, size=logits.shape).astype(np.float32)
    place, file = tmp_path / "evaluation", tmp_path / "ft.onnx"
    file.write_bytes(bytes(SIZE))
    stored = {name: torch.from_numpy(array) for name, array in named_arrays("ft", exported, file).items()}
    write_tensors(place / "exported_logits.safetensors", stored)
    deployed = read_exported(place / "exported_logits.safetensors")["ft"]
    subject = EvaluatedModel("weather", "folder", metric, "nano", "ft", 1, folder, deployed=deployed)
    made[0] = evaluate_model(subject, task, tokens, 16, CPU)
    pa.parquet.write_table(pa.concat_tables([table for _, table in made]), place / "predictions.parquet")
    write_json(place / "metrics.json", [record for record, _ in made])
    return JobRecord(
        name="evaluate",
        rule="evaluate",
        wildcards={},
        settings={},
        code="",
        inputs=[str(data / "task.json"), str(place / "exported_logits.safetensors")],
        outputs=[str(place / "metrics.json"), str(place / "predictions.parquet")],
        seconds=None,
        finished=None,
        commit=None,
    )


def test_the_record_has_all_of_it_where_a_model_is_exported_and_nothing_where_not(evaluation, tmp_path):
    with_export, without = read_json(evaluation.outputs[0])
    kind = read_json(evaluation.inputs[0])["kind"]
    assert 0 < with_export["logits_gap_mean"] < with_export["logits_gap_p99"] <= with_export["logits_gap"]
    assert {without[name] for name in DEPLOYED} == {None}
    write_table(tmp_path / "results.csv", tabulate([evaluation.outputs[0]]))
    header, first, second = (line.split(",") for line in (tmp_path / "results.csv").read_text().splitlines())
    cells = [dict(zip(header, line, strict=True)) for line in (first, second)]
    assert [cells[1][name] for name in DEPLOYED] == [""] * 6
    if kind == "regression":
        assert cells[0]["predictions_changed"] == ""
    else:
        assert 0 < int(cells[0]["predictions_changed"]) < ROWS
    assert header[header.index("logits_gap") :][:4] == DEPLOYED[1:5]
    assert float(cells[0]["onnx_mb"]) == with_export["onnx_mb"] == SIZE / 1e6


def test_what_is_stored_is_what_the_audit_computes(evaluation):
    records, differences = rescore(evaluation)
    assert differences == []
    assert records == read_json(evaluation.outputs[0])


@pytest.mark.parametrize("column", [*DEPLOYED, "score_majority"])
def test_each_edited_number_is_found(evaluation, column):
    records = read_json(evaluation.outputs[0])
    records[0][column] = 1 if records[0][column] is None else records[0][column] + 1
    write_json(evaluation.outputs[0], records)
    _, differences = rescore(evaluation)
    assert [difference.location.split(": ")[-1] for difference in differences] == [column]


def test_missing_logits_of_exported_models_are_named(evaluation):
    Path(evaluation.inputs[1]).write_bytes(b"{}")
    with pytest.raises(UserError, match=r"exported_logits\.safetensors is missing or damaged"):
        rescore(evaluation)


@pytest.mark.parametrize("column", DEPLOYED)
def test_a_chain_of_such_a_number_has_the_exported_models_logits(column):
    assert _bears_on("results/evaluations/rte/nano/seed1/exported_logits.safetensors", column)


def test_a_record_of_before_is_refused_by_the_name_of_what_it_lacks(evaluation):
    records = read_json(evaluation.outputs[0])
    del records[0]["logits_gap_p99"]
    write_json(evaluation.outputs[0], records)
    with pytest.raises(UserError, match=r"logits_gap_p99.*rerun the rule evaluate"):
        tabulate([evaluation.outputs[0]])
