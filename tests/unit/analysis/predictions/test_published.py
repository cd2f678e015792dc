import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from multipress.analysis.predictions.both_tables import Comparison, prediction_tables
from multipress.analysis.predictions.published import publish_predictions
from multipress.analysis.predictions.stored import read_cell, runs_of
from multipress.core.errors import UserError
from tests.unit.analysis.predictions.files import write

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(3, size=300)
VALUES = RANDOM.uniform(0, 5, size=300)


def evaluations(folder):
    """Three classes with a further dev set and logits, in two architectures and seeds; and a regression."""
    files = []
    for arch in ("zeta", "alpha"):
        for seed in (10, 2):
            models = {recipe: RANDOM.normal(size=(300, 3)) for recipe in ("ft", "ft-mp60", "kd")}
            further = ("dev_mismatched", LABELS[:50], {recipe: model[:50] for recipe, model in models.items()})
            files.append(write(folder, models, LABELS, "mnli", arch, seed, [further]))
    models = {recipe: RANDOM.normal(size=(300, 1)).astype(np.float32) for recipe in ("ft", "kd")}
    return [*files, write(folder, models, VALUES, "stsb", "alpha")]


def test_tables_of_published_predictions_are_those_of_stored_ones(tmp_path):
    files = evaluations(tmp_path / "evaluations")
    settings = Comparison(metrics={"mnli": "accuracy", "stsb": "spearman"}, draws=100)
    published = publish_predictions(files, tmp_path)
    assert [file.name for file in published] == ["mnli.parquet", "stsb.parquet"]
    tables = zip(prediction_tables(files, settings), prediction_tables(published, settings), strict=True)
    for stored, again in tables:
        pd.testing.assert_frame_equal(stored, again, check_exact=True)
        assert stored["p" if "p" in stored else "ece"].notna().any()


def test_the_narrowest_exact_types_are_taken(tmp_path):
    published = publish_predictions(evaluations(tmp_path / "evaluations"), tmp_path)
    classes, values = (pyarrow.parquet.read_schema(file) for file in published)
    assert [str(classes.field(name).type) for name in ("idx", "label", "prediction")] == ["int16", "int8", "int8"]
    # Gold values of more digits than float32 has stay as they are.
    assert [str(values.field(name).type) for name in ("idx", "label", "prediction")] == ["int16", "double", "float"]


def test_some_recipes_are_read_alone(tmp_path):
    (file, _) = publish_predictions(evaluations(tmp_path / "evaluations"), tmp_path)
    runs = runs_of([file])
    assert [(run.arch, run.seed) for run in runs] == [("zeta", 10), ("zeta", 2), ("alpha", 10), ("alpha", 2)]
    found = read_cell(runs[2:], ["kd"])
    assert (found.arch, list(found.models), found.seeds("kd"), found.n_labels) == ("alpha", ["kd"], [2, 10], 3)


def test_the_same_predictions_give_the_same_bytes(tmp_path):
    files = evaluations(tmp_path / "evaluations")
    first, second = (publish_predictions(files, tmp_path / name) for name in "ab")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_damaged_published_file_is_told_in_a_line(tmp_path):
    (file, _) = publish_predictions(evaluations(tmp_path / "evaluations"), tmp_path)
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(file).drop_columns(["ece"]), file)
    with pytest.raises(
        UserError, match=r"mnli\.parquet cannot be read as predictions .*ece.*; restore it or publish the run again"
    ):
        read_cell(runs_of([file])[:2])
    file.unlink()
    with pytest.raises(UserError, match=r"mnli\.parquet is missing; restore it or publish the run again"):
        runs_of([file])
