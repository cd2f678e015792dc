import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multipress.core.errors import UserError
from multipress.deployment import byte_streams


def integers(bits):
    limit = 2 ** (bits - 1) - 1
    return st.lists(st.integers(-limit, limit), max_size=40)


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 8, 9, 16])
def test_integers_come_back_from_their_planes(bits):
    @given(integers(bits))
    def check(numbers):
        values = np.array(numbers, np.int8 if bits <= 8 else np.int16)
        stream = byte_streams.value_bytes(values, bits)
        assert len(stream) == byte_streams.value_length(len(values), bits)
        read = byte_streams.read_values(stream, len(values), bits)
        assert read.dtype == values.dtype
        assert np.array_equal(read, values)

    check()


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=40))
def test_floats_come_back_bit_for_bit(numbers):
    values = np.array(numbers, np.float32)
    read = byte_streams.read_values(byte_streams.value_bytes(values, 32), len(values), 32)
    assert read.tobytes() == values.tobytes()


@given(st.lists(st.integers(0, 1), max_size=40))
def test_masks_come_back(numbers):
    values = np.array(numbers, np.int8)
    stream = byte_streams.mask_bytes(values)
    assert len(stream) == byte_streams.mask_length(len(values))
    assert np.array_equal(byte_streams.read_mask(stream, len(values)), values != 0)


def test_four_bits_take_half_a_byte():
    assert len(byte_streams.value_bytes(np.ones(101, np.int8), 4)) == 51


def test_a_normal_distribution_is_coded_within_two_percent_of_its_entropy():
    values = np.random.default_rng(0).normal(0, 25, 500_000).clip(-127, 127).round().astype(np.int8)
    shares = np.unique(values, return_counts=True)[1] / values.size
    entropy = -(shares * np.log2(shares)).sum() * values.size / 8
    frame = byte_streams.compress(byte_streams.value_bytes(values, 8))
    assert entropy < len(frame) < 1.02 * entropy


def test_a_damaged_frame_and_another_length_are_refused():
    frame = byte_streams.compress(bytes(100))
    with pytest.raises(UserError, match="100 bytes instead of 120"):
        byte_streams.decompress(frame, 120)
    with pytest.raises(UserError, match="damaged"):
        byte_streams.decompress(frame[:-3], 100)
