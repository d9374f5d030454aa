"""Label bytes and names of series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.series import (
    LABEL,
    MAX_VALUE_BYTES,
    NAME,
    BadSeries,
    decode_series,
    encode_series,
    snake,
)

names = st.from_regex(NAME.pattern, fullmatch=True)
labels = st.dictionaries(
    st.from_regex(LABEL.pattern, fullmatch=True).filter(lambda name: not name.startswith("__")),
    st.text(min_size=1, max_size=200),
    max_size=8,
)


@given(names, labels)
def test_round_trip(name, tags):
    """What is encoded can be read back, character by character."""
    assert decode_series(encode_series(name, tags)) == (name, tags)


def test_bytes_on_the_wire():
    """The bytes are Prometheus Label messages in field 1, the name first."""
    assert (
        encode_series("up", {"b": "", "a": "x"})
        == b"\n\x0e\n\x08__name__\x12\x02up\n\x06\n\x01a\x12\x01x"
    )


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("9volt", {}),
        ("", {}),
        ("a b", {}),
        ("a\n", {}),
        ("ok", {"not-legal": "x"}),
        ("ok", {"__name__": "x"}),
        ("ok", {"a": "x" * (MAX_VALUE_BYTES + 1)}),
    ],
)
def test_refused(name, tags):
    """A series that a receiver would refuse or cut is never made."""
    with pytest.raises(BadSeries):
        encode_series(name, tags)


@pytest.mark.parametrize(
    ("path", "tail"),
    [
        ("Ac/Out/L1/P", "ac_out_l1_p"),
        ("MaxChargeCurrent", "max_charge_current"),
        ("Dc/0/Voltage", "dc_0_voltage"),
        ("Energy/AcIn1ToAcOut", "energy_ac_in1_to_ac_out"),
        ("Ac/PENVoltage", "ac_pen_voltage"),
        ("//x--y", "x_y"),
    ],
)
def test_snake(path, tail):
    """A device's path becomes the tail of a metric name."""
    assert snake(path) == tail
