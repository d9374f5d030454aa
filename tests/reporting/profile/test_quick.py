"""The quick way through a profile: what the thorough one gives, or nothing."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporting.measured.model import MINUTE_MS
from reporting.profile.read import BadProfile, ProfileTable, _quickly, _thoroughly
from reporting.profile.write import profile_csv
from tests.reporting.profile.made import START, measured, minutes

KW = st.lists(st.none() | st.floats(-99_999, 99_999), min_size=1, max_size=6)


def written(means_kw):
    """A file of ours with these means of a load and of a grid's power."""
    flows = {("m", "load_power_w"): minutes(means_kw), ("g", "grid_power_w"): minutes(means_kw)}
    whole = {power: flow for (_, power), flow in flows.items()}
    return profile_csv(measured(flows, whole, to_ms=START + len(means_kw) * MINUTE_MS))


def thoroughly(content) -> ProfileTable | None:
    """What cell by cell comes of it; None where it is refused."""
    try:
        return _thoroughly(content, rest=False)
    except BadProfile:
        return None


@given(KW)
def test_a_file_of_ours_is_read_quickly_to_the_same_integers(means_kw):
    """Never by the slow way, and equal to it."""
    content = written(means_kw)
    assert _quickly(content) == thoroughly(content) is not None


@given(
    KW,
    st.integers(0, 5000),
    st.integers(0, 30),
    st.text('0159.,-+eE_ "\r\n\x00\x7fZT:lé٣', max_size=4).map(str.encode),
)
@example([1.0], 0, 0, b"\xff")
@example([1.0], 5000, 0, b"\r\n")
@example([1.0, 2.0], 5000, 0, b'"')
def test_a_damaged_file_is_left_to_the_thorough_way_or_read_as_by_it(means_kw, at, gone, put):
    """Bytes taken out and others put in, anywhere: what is read quickly is right."""
    content = written(means_kw)
    at %= len(content)
    damaged = content[:at] + put + content[at + gone :]
    try:
        found = _quickly(damaged)
    except BadProfile as why:
        with pytest.raises(BadProfile, match=re.escape(str(why))):
            _thoroughly(damaged, rest=False)
    else:
        assert found is None or found == thoroughly(damaged)


@given(st.integers(0, 200), st.sampled_from(["1.", ".5", "--1", "1.23456", "1" * 12, "1e3", "-"]))
def test_what_is_no_number_is_never_read_quickly(column, text):
    """In any cell of a flow or of the window."""
    head, row, rest = written([1.0]).decode().split("\r\n")
    cells = row.split(",")
    numbers = [i for i, name in enumerate(head.split(",")) if name.count(".") or name == "window_s"]
    cells[numbers[column % len(numbers)]] = text
    assert _quickly("\r\n".join((head, ",".join(cells), rest)).encode()) is None
