"""Which rows are lost, by construction, and the features of rows."""

import numpy as np
import pyarrow as pa
import pytest

from multipress.analysis.predictions.lost_rows import lost_rows_of_cell, lost_rows_table
from multipress.core.errors import UserError
from multipress.data.row_features import row_features
from tests.unit.analysis.predictions.files import cell

LABELS = [0, 1] * 20


def lost(tmp_path, wrong, seeds=3, **options):
    """All models but those of ft-mp90 are right everywhere; these are wrong on the rows of each seed."""
    answers = [np.where(np.isin(np.arange(40), rows), 1 - np.array(LABELS), LABELS) for rows in wrong[:seeds]]
    made = cell(tmp_path, [{"ft": LABELS, "ft-mp90": each} for each in answers], LABELS, idx=np.arange(40) + 100)
    features = {"half": np.where(np.arange(40) < 10, "3 to 9 words", "12 words")}
    recipes = ["ft", "ft-mp90", "ft-int8"]
    return lost_rows_table(list(lost_rows_of_cell(made, recipes, np.arange(40) + 100, features, 0.95)))


def test_rows_that_most_seeds_lose_are_counted_by_bin(tmp_path):
    table = lost(tmp_path, [[0, 1, 2, 20], [0, 1, 3], [2, 0]])
    rows = table[table["recipe"] == "ft-mp90"].set_index("bin")
    assert rows.index.tolist() == ["all rows", "3 to 9 words", "12 words"]
    assert rows["lost"].tolist() == [3, 3, 0]
    assert rows["rate"].tolist() == [3 / 40, 0.3, 0]
    assert rows.loc["all rows", "first_lost"] == "100 101 102"
    z = 1.959964  # Wilson's interval by its formula
    centre, half = (0.3 + z**2 / 20) / (1 + z**2 / 10), z * np.sqrt(0.021 + z**2 / 400) / (1 + z**2 / 10)
    assert rows.loc["3 to 9 words", ["low", "high"]].tolist() == pytest.approx([centre - half, centre + half], abs=1e-5)
    assert rows.loc["all rows", "n_seeds"] == 3
    assert table.loc[table["recipe"] == "ft-int8", "note"].tolist() == ["there are no predictions of ft-int8"]
    one = lost(tmp_path / "one", [[0, 1]], seeds=1)
    assert one["note"].tolist()[0] == "one seed: most seeds are that one"


def test_predictions_of_other_rows_are_refused(tmp_path):
    made = cell(tmp_path, [{"ft": LABELS, "ft-mp90": LABELS}], LABELS)
    with pytest.raises(UserError, match="not of the rows that it has now; rerun the rule evaluate"):
        list(lost_rows_of_cell(made, ["ft-mp90"], np.arange(40) + 1, {}, 0.95))


def test_features_are_those_of_the_texts():
    first = ["this was not good", "nothing is known", "she didn't go", "a knot of notes"]
    second = ["it was good", "all is known", "she went", "a knot"]
    rows = pa.table({"text_a": first, "text_b": second, "label": [0, 1, 1, 0]})
    train = pa.table({"text_a": [" ".join(first)] * 5, "text_b": pa.nulls(5, pa.string())})
    found = row_features(rows, train, ["no", "yes"])
    assert found["negation"].tolist() == ["with", "with", "with", "without"]
    assert found["class"].tolist() == ["no", "yes", "yes", "no"]
    assert found["length"].tolist() == ["7 words", "6 words", "5 words", "6 words"]
    assert found["overlap"].tolist() == ["66.7 %", "66.7 %", "50 %", "100 %"]
    assert found["rare words"].tolist() == ["14.3 %", "16.7 %", "20 %", "0 %"]
    alone = rows.set_column(1, "text_b", pa.nulls(4, pa.string()))
    assert "overlap" not in row_features(alone, train, ["no", "yes"])
