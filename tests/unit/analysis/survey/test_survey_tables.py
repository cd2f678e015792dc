"""Families and compounds: scores, sizes and speeds in which every part is known by construction."""

import math

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.survey.both_tables import survey_tables
from multipress.analysis.survey.families import MEASURED
from multipress.compression.registry import methods
from tests.unit.analysis.cases import row, without

CHANGES = {"ft": 0, "ft-h50": -1, "ft-int8": -0.5, "ft-h50-int8": -1.25, "kd": 2, "kd-h50": 0.5, "ft-mp0": 9}
"""Points; h50 and int8 lose a quarter less together than apart, kd and h50 half a point more."""
TIMES_SMALLER = {"ft": 1, "ft-h50": 2, "ft-int8": 4, "ft-h50-int8": 6, "kd": 1, "kd-h50": 2, "ft-mp0": 1}
FASTER = {"ft": 1, "ft-h50": 2, "ft-int8": 3, "ft-h50-int8": 9, "kd": 1, "kd-h50": 2}
TASKS, SEEDS = ("a", "b", "c"), (0, 1)


def results(changes=CHANGES):
    rows = [
        {
            **{"task": task, "arch": "tiny", "recipe": recipe, "seed": seed},
            "score": 80 + place + seed + change,
            "paper_mb": 40 / TIMES_SMALLER[recipe],
            "packed_mb": (30 + place) / TIMES_SMALLER[recipe],
        }
        for place, task in enumerate(TASKS)
        for recipe, change in changes.items()
        for seed in SEEDS
    ]
    return pd.DataFrame(rows)


def latencies(runtime="onnxruntime", device="cpu", spread=1.25):
    """Two tasks, whose speed-ups have the wanted geometric mean; of larger batches and more threads they are others."""
    rows = [
        {
            **{"task": task, "arch": "tiny", "recipe": recipe, "seed": 0, "runtime": runtime, "device": device},
            **{"batch": batch, "threads": threads, "length": "48"},
            "speedup": faster * factor if (batch, threads) == (1, 1) else 100,
        }
        for task, factor in (("a", spread), ("b", 1 / spread))
        for recipe, faster in FASTER.items()
        for batch in (1, 8)
        for threads in (1, 4)
    ]
    return pd.DataFrame(rows)


def made(table=None, measured=None, **options):
    settings = AnalyzeSettings(draws=200)
    return survey_tables(results() if table is None else table, measured, settings, **options)


@pytest.mark.parametrize(
    ("recipe", "family"),
    [
        ("ft", "none"),
        ("ft-h50", "structured pruning"),
        ("ft-int8", "quantization"),
        ("ft-h50-int8", "structured pruning + quantization"),
        ("kd-h50", "distillation from logits + structured pruning"),
    ],
)
def test_a_model_has_the_families_of_its_steps_and_numbers_against_ft(recipe, family):
    found = row(made(measured=latencies())[0], recipe=recipe, source=MEASURED)
    assert found["family"] == family
    assert found["percent"] == found["file_percent"] == pytest.approx(100 / TIMES_SMALLER[recipe])
    assert math.isnan(found["onnx_percent"])
    assert math.isnan(found["speedup_openvino"])
    assert found["speedup_cpu"] == pytest.approx(FASTER[recipe])
    assert found["score"] == pytest.approx(81.5 + CHANGES[recipe])
    assert found["change"] == pytest.approx(CHANGES[recipe], abs=1e-9)
    assert found["low"] == found["high"] == found["change"]
    assert (found["n_tasks"], found["n_seeds"], found["note"]) == (3, 2, "")


def test_controls_are_no_rows():
    assert "ft-mp0" not in set(made()[0]["recipe"])


@pytest.mark.parametrize(
    ("runtime", "device", "column"),
    [("openvino", "cpu", "speedup_openvino"), ("torch", "NVIDIA H100 80GB HBM3", "speedup_gpu")],
)
def test_each_runtime_has_its_column(runtime, device, column):
    found = row(made(measured=latencies(runtime, device))[0], recipe="ft-h50", source=MEASURED)
    assert found[column] == pytest.approx(2)
    assert math.isnan(found["speedup_cpu"])


def test_sizes_over_fewer_tasks_are_no_sizes_over_all():
    table = results()
    table.loc[(table["recipe"] == "ft-int8") & (table["task"] == "b"), "packed_mb"] = math.nan
    families, compounds = made(table)
    assert math.isnan(row(families, recipe="ft-int8", source=MEASURED)["file_percent"])
    found = row(compounds, recipe="ft-h50-int8")
    assert (found["times_smaller"], math.isnan(found["times_smaller_product"])) == (pytest.approx(6), True)


def test_published_models_stand_with_their_family():
    families = made()[0]
    published = families[families["source"] != MEASURED]
    assert set(published["family"]) == {"structured pruning", "quantization", "distillation from logits"}
    q_bert = row(published, source="Shen et al. 2020 (Q-BERT)")
    assert (q_bert["percent"], q_bert["percent_no_embeddings"], q_bert["change"]) == (15, 12.5, -0.6)
    assert families["family"].ne(families["family"].shift()).sum() == families["family"].nunique()
    assert made(with_published=False)[0]["source"].eq(MEASURED).all()


@pytest.mark.parametrize(
    ("recipe", "first", "second", "beyond"),
    [("ft-h50-int8", "ft-h50", "ft-int8", 0.25), ("kd-h50", "kd", "ft-h50", -0.5)],
)
def test_a_compound_stands_beside_product_and_sum(recipe, first, second, beyond):
    found = row(made(measured=latencies())[1], recipe=recipe)
    assert (found["first"], found["second"]) == (first, second)
    assert found["times_smaller"] == pytest.approx(TIMES_SMALLER[recipe])
    assert found["times_smaller_product"] == pytest.approx(TIMES_SMALLER[first] * TIMES_SMALLER[second])
    assert found["times_smaller_ratio"] * found["times_smaller_product"] == pytest.approx(found["times_smaller"])
    assert found["speedup"] == pytest.approx(FASTER[recipe])
    assert found["speedup_product"] == pytest.approx(FASTER[first] * FASTER[second])
    assert found["speedup_ratio"] * found["speedup_product"] == pytest.approx(found["speedup"])
    assert found["change"] == pytest.approx(CHANGES[recipe])
    assert found["change_sum"] == pytest.approx(CHANGES[first] + CHANGES[second])
    assert found["beyond"] == found["low"] == found["high"] == pytest.approx(beyond)


def test_intervals_are_those_of_the_contrast_over_tasks():
    table = results()
    noise = np.random.default_rng(0).normal(0, 1, len(table))
    found = row(made(table.assign(score=table["score"] + noise))[1], recipe="ft-h50-int8")
    assert found["low"] < found["beyond"] < found["high"]
    assert found["low_seeds"] < found["beyond"] < found["high_seeds"]


def test_a_pair_without_its_single_models_is_none():
    assert set(made(without(results(), recipe="ft-int8"))[1]["recipe"]) == {"kd-h50"}


def test_a_missing_model_is_named():
    families, compounds = made(without(results(), recipe="ft-h50", task="b", seed=1))
    assert row(families, recipe="ft-h50", source=MEASURED)["note"] == "b lacks tiny/ft-h50 (seed 1)"
    assert math.isnan(row(compounds, recipe="ft-h50-int8")["beyond"])
    assert row(compounds, recipe="ft-h50-int8")["note"] == "b lacks tiny/ft-h50 (seed 1)"


def test_without_ft_nothing_is_known_and_the_note_says_so():
    families, compounds = made(without(results(), recipe="ft"))
    ours = families[families["source"] == MEASURED]
    assert ours["change"].isna().all()
    assert set(ours["note"]) == {"no results of ft"}
    assert compounds.empty


def test_every_method_that_compresses_has_a_family():
    assert [method.name for method in methods().values() if not method.family] == ["finetune"]
