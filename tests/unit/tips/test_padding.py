import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.sealing.padding import KIB, LENGTH_BYTES, pad, unpad


@given(st.binary(max_size=70 * KIB))
def test_padding_is_a_round_trip(plain):
    assert unpad(pad(plain)) == plain


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (0, 4),
        (10, 4),
        (400, 4),
        (4 * KIB - LENGTH_BYTES, 4),
        (4 * KIB - LENGTH_BYTES + 1, 16),
        (16 * KIB, 64),
        (64 * KIB, 128),
        (200 * KIB, 256),
    ],
)
def test_length_is_one_of_few(length, size):
    assert len(pad(bytes(length))) == size * KIB


def test_zeros_at_the_end_are_kept():
    assert unpad(pad(b"a\0\0")) == b"a\0\0"
