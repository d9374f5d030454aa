"""What is written into `profile.csv` is read back from it, integer by integer."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile import BadProfile, profile_csv, read_profile
from reporting.profile.write import decimals
from tests.reporting.profile.made import START, measured, minutes

LOAD, BATTERY = "load_power_w", "battery_power_w"

cells = st.tuples(
    st.integers(0, MINUTE_MS),
    st.integers(0, 10**15 - 1),
    st.integers(0, 10**15 - 1),
    st.integers(-(10**9), 10**9),
    st.integers(-(10**9), 10**9),
)


def test_a_hand_made_hour_reads_as_a_person_expects():
    """20 kW for the last half of a minute, then -3.5 kW: 0.167 kWh are 600 000 Ws; the clock of
    Los Angeles is 8 hours behind in winter."""
    load = minutes([20.0, -3.5, None], [30_000, 60_000, 60_000])
    table = measured(
        {("bess-1", LOAD): load}, {LOAD: load}, from_ms=START + 30_000, to_ms=START + 3 * MINUTE_MS
    )
    rows = list(csv.DictReader(io.StringIO(profile_csv(table).decode(), newline="")))
    assert [row["window_s"] for row in rows] == ["30", "60", "60"]
    assert [row["load_kw"] for row in rows] == ["20.000", "-3.500", ""]
    assert rows[0]["time_utc"] == "2027-01-15T08:00:00Z"
    assert rows[0]["time_local"] == "2027-01-15T00:00:00-08:00"
    assert rows[0]["bess-1.load_power_w.plus_ws"] == "600000"
    assert rows[1]["bess-1.load_power_w.minus_ws"] == "210000"
    assert rows[1]["bess-1.load_power_w.min_w"] == "-3500"
    assert rows[2]["bess-1.load_power_w.good_s"] == "0"


@given(st.lists(cells, min_size=1, max_size=20), st.integers(0, MINUTE_MS - 1))
def test_the_integers_come_back(told: list[tuple[int, ...]], begin: int):
    """Any minutes of a flow, also with gaps and of both signs."""
    good, pos, neg, least, greatest = (list(column) for column in zip(*told, strict=True))
    for index, ms in enumerate(good):
        if not ms:
            pos[index] = neg[index] = least[index] = greatest[index] = 0
    flow = Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)
    table = measured(
        {("a.x-1", BATTERY): flow},
        {BATTERY: flow},
        from_ms=START + begin,
        to_ms=START + len(told) * MINUTE_MS,
    )
    read = read_profile(profile_csv(table))
    assert list(read.starts_ms) == list(table.starts_ms)
    assert read.window_ms[0] == MINUTE_MS - begin
    found = read.flows["a.x-1", BATTERY]
    assert [list(getattr(found, name)) for name in Minutes.__struct_fields__] == [
        getattr(flow, name) for name in Minutes.__struct_fields__
    ]


@given(st.lists(st.integers(-(10**15), 10**15)), st.integers(0, 4))
def test_decimals_are_exact(counts: list[int], places: int):
    """No float is on the way, and no needless zero."""
    for count, text in zip(counts, decimals(counts, places), strict=True):
        whole, point, part = text.partition(".")
        assert int(whole + part.ljust(places, "0")) == count
        assert not part.endswith("0")
        assert bool(point) == bool(part)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("around", ["2026-04-04T15:00", "2026-10-03T15:30", "2026-11-01T09:00"])
def test_local_time_follows_the_clock(zone: str, around: str):
    """Offsets of 45 minutes, a change of half an hour, an hour that comes twice."""
    middle = round(datetime.fromisoformat(f"{around}:00Z").timestamp()) * 1000
    first, end = middle - 100 * MINUTE_MS, middle + 100 * MINUTE_MS
    table = measured({}, {}, from_ms=first, to_ms=end, timezone=zone)
    rows = list(csv.DictReader(io.StringIO(profile_csv(table).decode(), newline="")))
    for start, row in zip(table.starts_ms, rows, strict=True):
        moment = datetime.fromtimestamp(start // 1000, UTC)
        assert row["time_utc"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert row["time_local"] == moment.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("time_utc", "time", "line 1"),
        ("2027-01-15T08:01:00Z", "2027-01-15T07:01:00Z", "line 3"),
        ("2027-01-15T08:01:00Z", "=cmd|' /C calc'!A0", "line 3"),
        ("1200000", "1e6", "line 2, column a.load_power_w.plus_ws"),
        ("1200000", "nan", "line 2"),
        ("1200000,", "1200000,,", "line 2: 13 cells"),
        ("a.load_power_w.min_w", "a.load_power_w.minimum", "lacks min_w"),
        ("a.load_power_w.good_s", "load_kw", "two columns"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(before: str, after: str, reason: str):
    """The message says where."""
    load = minutes([20.0, 20.0])
    content = profile_csv(
        measured({("a", LOAD): load}, {LOAD: load}, to_ms=START + 2 * MINUTE_MS)
    ).decode()
    assert before in content
    with pytest.raises(BadProfile, match=reason):
        read_profile(content.replace(before, after, 1).encode())


def test_no_minutes_are_no_rows():
    """A participation that ended when it began."""
    content = profile_csv(measured({}, {}, to_ms=START))
    assert content.count(b"\r\n") == 1
    assert list(read_profile(content).starts_ms) == []
