"""Judging frames before they are decoded."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.modbus.frame import Asked, fault

ASKED = Asked(transaction=7, unit=3, function=3, registers=2)
GOOD = pack(">HHHBBB", 7, 0, 7, 3, 3, 4) + b"\0\1\0\2"


def test_a_true_answer_has_no_fault():
    """The right answer, and each beginning of it, is no fault."""
    for end in range(len(GOOD) + 1):
        assert fault(GOOD[:end], ASKED) == ""


def test_transaction_zero_is_accepted():
    """Some gateways answer with transaction 0; one request at a time makes that harmless."""
    assert fault(b"\0\0" + GOOD[2:], ASKED) == ""


@pytest.mark.parametrize("length", [2, 3])
def test_an_exception_has_no_fault(length):
    """An exception is an answer, also from gateways that miscount its length."""
    assert fault(pack(">HHHBBB", 7, 0, length, 3, 0x83, 2), ASKED) == ""


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pack(">HHHBBB", 6, 0, 7, 3, 3, 4) + b"\0\1\0\2", "transaction 6"),
        (pack(">HHHBBB", 7, 9, 7, 3, 3, 4) + b"\0\1\0\2", "not Modbus"),
        (pack(">HHHBBB", 7, 0, 7, 4, 3, 4) + b"\0\1\0\2", "unit 4"),
        (pack(">HHHBBB", 7, 0, 7, 3, 4, 4) + b"\0\1\0\2", "function 4"),
        (pack(">HHHBBB", 7, 0, 5, 3, 3, 2) + b"\0\1", "2 data bytes"),
        (pack(">HHHBBB", 7, 0, 7, 3, 3, 2) + b"\0\1\0\2", "2 data bytes"),
        (GOOD + b"\0", "1 bytes more"),
        (pack(">HHHBBB", 7, 0, 900, 3, 0x83, 2), "malformed"),
    ],
)
def test_faults_are_named(frame, words):
    """Each way of not being the answer is said in words."""
    assert words in fault(frame, ASKED)


@given(st.binary(max_size=40))
def test_any_bytes_are_judged_without_raising(data):
    """Garbage is judged, never an exception; a complete frame of another shape is a fault."""
    verdict = fault(data, ASKED)
    if len(data) > len(GOOD) and data[7] == 3:
        assert verdict


@pytest.mark.parametrize(("coils", "size"), [(1, 1), (8, 1), (9, 2), (2000, 250)])
def test_coils_come_eight_to_a_byte(coils, size):
    """Functions 1 and 2 answer with bits: one byte for each eight that were begun."""
    asked = Asked(transaction=7, unit=3, function=1, registers=coils)
    whole = pack(">HHHBBB", 7, 0, size + 3, 3, 1, size) + bytes(size)
    assert fault(whole, asked) == ""
    longer = pack(">HHHBBB", 7, 0, size + 4, 3, 1, size + 1) + bytes(size + 1)
    assert "data bytes" in fault(longer, asked)
