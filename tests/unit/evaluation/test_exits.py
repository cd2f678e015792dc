"""Scores of models with exits against the layers that rows pass."""

import json

import numpy as np
import pytest
import torch

from multipress.compression.rebuild import load_model
from multipress.core.files import read_json
from multipress.data.prepared import PreparedTask
from multipress.data.token_files import read_tokens
from multipress.evaluation.exits import exit_fields
from multipress.evaluation.results_table import tabulate, tabulate_exits
from multipress.evaluation.tables import EXITS
from multipress.training.inference import compute_logits
from tests.steps import Study
from tests.unit.evaluation.test_results_table import record

TASK = PreparedTask(kind="classification", labels=["no", "yes"])
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture(scope="module")
def fields(study):
    """Of a trained model, on rows that it has not seen."""
    study.apply("ft", learning_rate=5e-3, epochs=10.0)
    study.apply("ft-ee", epochs=5.0)
    return exit_fields(load_model(study.model("ft-ee")), TASK, "accuracy", monitored(study), 16, CPU)


def monitored(study):
    return read_tokens(study.folder / "monitor.arrow")


def accuracy(model, tokens):
    return 100 * float((compute_logits(model, tokens, 16, CPU).argmax(1) == tokens.labels).mean())


def test_a_model_without_exits_has_no_such_fields(study, fields):
    assert exit_fields(load_model(study.model("ft")), TASK, "accuracy", monitored(study), 16, CPU) == {}


def test_each_point_is_the_model_with_that_threshold(study, fields):
    model, tokens = load_model(study.model("ft-ee")), monitored(study)
    rule = model.exits.rule
    for point in fields["exits"]:
        model.exits.rule = rule.model_copy(update={"threshold": point["threshold"]})
        assert point["score"] == pytest.approx(accuracy(model, tokens))
    first, last = fields["exits"][0], fields["exits"][-1]
    assert (
        (first["mean_layers"], last["mean_layers"]) == (first["mean_layers_train"], last["mean_layers_train"]) == (3, 1)
    )
    assert first["score"] == pytest.approx(accuracy(load_model(study.model("ft")), tokens))


def test_thresholds_of_a_curve_are_those_of_the_training(study, fields):
    structure = read_json(study.model("ft-ee") / "steps.json")["steps"][-1]["structure"]
    curve = [(point["threshold"], point["mean_layers"]) for point in structure["curve"]]
    assert [(point["threshold"], point["mean_layers_train"]) for point in fields["exits"]] == curve


def test_layers_are_counted_on_the_rows_that_are_evaluated(study, fields):
    model, tokens = load_model(study.model("ft-ee")), monitored(study)
    calls = []
    for number, layer in enumerate(model.bert.encoder.layers):
        layer.register_forward_pre_hook(lambda _, inputs, number=number: calls.append(len(inputs[0])))
    compute_logits(model, tokens, len(tokens), CPU)
    assert fields["mean_layers"] == pytest.approx(sum(calls) / len(tokens))


def test_the_table_has_a_row_for_each_threshold_and_results_have_the_mean(fields, tmp_path):
    with_exits = record(recipe="ft-ee") | fields
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps([record(), with_exits]))
    table = tabulate_exits([file])
    assert list(table.columns) == list(EXITS.columns)
    assert table["threshold"].tolist() == [point["threshold"] for point in fields["exits"]]
    assert set(table["recipe"]) == {"ft-ee"}
    results = tabulate([file]).set_index("recipe")
    assert "exits" not in results
    assert results.loc["ft-ee", "mean_layers"] == fields["mean_layers"]
    assert np.isnan(results.loc["ft", "mean_layers"])
