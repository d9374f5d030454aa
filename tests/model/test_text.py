"""Text is made harmless at the door."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.text import clean


@given(st.text(st.characters(), max_size=400))
def test_nothing_harmful_stays(text):
    """No control, format, surrogate or line character survives, nor more than the limit."""
    shown = clean(text, 50)
    assert len(shown) <= 50
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [ch for ch in shown if unicodedata.category(ch) in bad]
    assert shown == " ".join(shown.split())


def test_tampering_stays_visible():
    """An escape sequence leaves a mark, and brackets stay as they are."""
    assert clean("Pump \x1b]0;owned\x07 [A]\n main") == "Pump ·]0;owned· [A] main"


@pytest.mark.parametrize("blank", ["\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"])
def test_a_name_cannot_be_invisible(blank):
    """What looks like white space is white space: such a name is none."""
    assert clean(blank * 3) == ""
    assert clean(f"{blank}Pump{blank}{blank}2") == "Pump 2"


def test_words_are_left_alone():
    """Names of the field come through unchanged."""
    assert clean("Bühne 2 – 400 A (°C)") == "Bühne 2 – 400 A (°C)"
