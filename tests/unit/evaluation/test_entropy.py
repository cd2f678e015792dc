import numpy as np
import pytest
from scipy.stats import entropy

from multipress.deployment.stored_tensors import StoredTensor
from multipress.evaluation.entropy import entropy_bytes

GENERATOR = np.random.default_rng(0)


def tensor(values, bits):
    return StoredTensor("x", values, bits)


@pytest.mark.parametrize("bits", [4, 8])
def test_integers_have_the_entropy_of_their_values(bits):
    limit = 2 ** (bits - 1) - 1
    values = GENERATOR.normal(0, limit / 4, (70, 90)).clip(-limit, limit).round().astype(np.int8)
    expected = values.size * entropy(np.unique(values, return_counts=True)[1], base=2) / 8
    assert entropy_bytes(tensor(values, bits)) == pytest.approx(expected)


def test_four_values_as_often_take_two_bits():
    assert entropy_bytes(tensor(np.tile(np.array([-7, 0, 1, 5], np.int8), 100), 8)) == pytest.approx(100)


@pytest.mark.parametrize("values", [np.zeros(9, np.int8), np.full((3, 3), -4, np.int16), np.zeros(5, np.float32)])
def test_what_never_varies_takes_nothing(values):
    assert entropy_bytes(tensor(values, 8)) == 0


@pytest.mark.parametrize(("bits", "kind"), [(32, np.float32), (16, np.int16)])
def test_wide_numbers_have_the_entropy_of_where_they_are_zero_and_of_their_bytes(bits, kind):
    values = GENERATOR.normal(0, 9000, size=4000).astype(kind)
    values[GENERATOR.random(4000) < 0.6] = 0
    kept = values[values != 0]
    planes = np.frombuffer(kept.tobytes(), np.uint8).reshape(len(kept), -1)
    expected = 4000 * entropy([len(kept), 4000 - len(kept)], base=2)
    expected += sum(len(kept) * entropy(np.bincount(plane), base=2) for plane in planes.T)
    assert entropy_bytes(tensor(values, bits)) == pytest.approx(expected / 8)
