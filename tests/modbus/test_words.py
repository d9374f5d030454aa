"""Decoding of registers."""

import math
from struct import pack, unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.modbus.words import as_bytes, number, scaled, sunssf, text

WORDS = st.lists(st.integers(0, 0xFFFF), max_size=12)
KINDS = ("u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64")


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ([0x8001], "u16", 32769),
        ([0x8001], "s16", -32767),
        ([0x0001, 0x0002], "u32", 65538),
        ([0xFFFF, 0xFFFE], "s32", -2),
        ([0, 0, 560, 7922], "u64", 36_708_082),
        ([0xFFFF] * 4, "s64", -1),
        ([0x4366, 0x8000], "f32", 230.5),
        ([0x405E, 0xDD2F, 0x1A9F, 0xBE77], "f64", 123.456),
    ],
)
def test_golden_numbers(words, kind, value):
    """Each type, high word first, decodes to the number that its bytes mean."""
    assert number(as_bytes(words), 0, kind) == value


def test_low_word_first():
    """With the low word first the same registers in reverse are the same number."""
    assert number(as_bytes([0x8000, 0x4366]), 0, "f32", low_word_first=True) == 230.5
    assert number(as_bytes([4, 3, 2, 1]), 0, "u64", low_word_first=True) == 0x0001000200030004


@pytest.mark.parametrize("words", [[0x7FC0, 0], [0xFFC0, 1], [0x7F80, 0], [0xFF80, 0]])
def test_nan_and_infinity_are_no_number(words):
    """Any NaN and both infinities are None."""
    assert number(as_bytes(words), 0, "f32") is None


def test_behind_the_end_is_no_number():
    """A number that is not wholly in the block is None, also at a negative place."""
    block = as_bytes([1, 2, 3])
    assert number(block, 2, "u32") is None
    assert number(block, 3, "u16") is None
    assert number(block, -1, "u16") is None


@pytest.mark.parametrize(
    ("word", "factor"),
    [(0, 0), (0xFFFE, -2), (10, 10), (0xFFF6, -10), (11, None), (0xFFF5, None), (0x8000, None)],
)
def test_scale_factors_outside_ten_are_none(word, factor):
    """A scale factor is −10…10; 0x8000 and everything else is none at all."""
    assert sunssf(as_bytes([word]), 0) == factor


def test_scaling_divides():
    """Tenths come out as people write them, and no factor means no value."""
    assert scaled(3354, -1) == 335.4
    assert scaled(5003, -2) == 50.03
    assert scaled(1000, 1) == 10_000
    assert scaled(1000, None) is None
    assert scaled(None, 0) is None


def test_text_ends_at_nul():
    """Text ends at the first NUL, without outer spaces, and broken UTF-8 does not raise."""
    assert text(as_bytes([0x4142, 0x2000, 0x4344]), 0, 3) == "AB"
    assert text(as_bytes([0xFF41, 0x0000]), 0, 2) == "\ufffdA"
    assert text(b"", 0, 16) == ""


@given(WORDS, st.integers(-3, 15), st.sampled_from(KINDS), st.booleans())
def test_any_registers_decode_without_raising(words, at, kind, low):
    """Whatever the registers hold, a number is finite or None, and text is text."""
    value = number(as_bytes(words), at, kind, low_word_first=low)
    assert value is None or math.isfinite(value)
    assert isinstance(text(as_bytes(words), at, 4), str)
    factor = sunssf(as_bytes(words), at)
    assert factor is None or -10 <= factor <= 10


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_go_through(value):
    """A float that was put into registers comes out the same."""
    words = list(unpack(">HH", pack(">f", value)))
    assert number(as_bytes(words), 0, "f32") == value
