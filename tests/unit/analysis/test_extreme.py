import shutil

import pytest

from multipress.analysis.extreme import read_extreme
from multipress.analysis.paper import REFERENCE
from multipress.core.csv_tables import load
from multipress.core.errors import UserError
from multipress.model.shape import ArchitectureSpec

FILE = "extreme.csv"


def of(model, **values):
    """The one row of a model."""
    table = read_extreme()
    table = table[table["model"] == model]
    for column, value in values.items():
        table = table[table[column] == value]
    (found,) = table.to_dict("records")
    return found


def test_models_are_compared_with_the_float_one_of_their_source():
    found = of("XTC", weight_bits=1, layers=6)
    assert found["times_smaller"] == pytest.approx(52.3, abs=0.1)
    assert found["change"] == pytest.approx(82.9 - 84.9)
    assert found["change_all"] == pytest.approx((82.9 - 84.9 + 91.2 - 91.5) / 2)
    assert found["fewer_layers"]
    again = of("XTC rerun", weight_bits=1, layers=6)
    assert again["change"] == again["change_all"] == pytest.approx(80.7 - 84.2)


def test_sources_of_eight_tasks_lose_more_over_all_of_them_than_on_mnli():
    for model, bits, times, change in [("BinaryBERT", 4, 418 / 16.5, -1.0), ("BiT", 1, 418 / 13.4, -5.4)]:
        found = of(model, activation_bits=bits)
        assert (found["times_smaller"], found["change"]) == pytest.approx((times, change))
        assert not found["fewer_layers"]
        assert found["change_all"] < found["change"] - 2


def test_sizes_of_xtc_are_those_of_the_matrices_of_bert_base():
    table = load(REFERENCE / FILE)
    computed = table[table["what_counts"].str.startswith("computed")]
    assert set(computed["source"]) == {"XTC paper", "XTC rerun"}
    base = ArchitectureSpec(layers=12, hidden=768, heads=12, feed_forward=3072)
    for row in computed.itertuples():
        layer = 4 * base.hidden**2 + 2 * base.hidden * base.feed_forward
        matrices = (30522 + 512 + 2) * base.hidden + row.layers * layer + base.hidden**2
        assert row.size_mib == pytest.approx(matrices * row.weight_bits / 8 / 2**20, abs=0.006)


def test_a_file_that_is_missing_or_has_text_among_its_numbers_is_named(tmp_path):
    with pytest.raises(UserError, match=r"extreme\.csv holds no published numbers .* git checkout extreme\.csv"):
        read_extreme(tmp_path)
    shutil.copy(REFERENCE / FILE, tmp_path)
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(text.replace(",84.7,", ",about 84.7,", 1))
    with pytest.raises(UserError, match=r"extreme\.csv: score must hold numbers alone"):
        read_extreme(tmp_path)
