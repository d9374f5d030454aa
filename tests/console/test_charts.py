"""What of the past is looked at, asked for, kept and written down."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collector.model.kinds import AssetKind
from collector.wire import HistoryAnswer
from ovr_tui.console.band import text_of
from ovr_tui.console.charts.axes import times
from ovr_tui.console.charts.choice import Choice, chart_keys
from ovr_tui.console.charts.export import table, write
from ovr_tui.console.charts.histories import Histories
from ovr_tui.console.charts.look import LEAST_SPAN_MS, Edges, Look, Range
from ovr_tui.console.charts.pasts import AGAIN_S, Pasts, step_of
from ovr_tui.console.charts.series import Track, Window, band, pieces, seen, series
from ovr_tui.console.charts.title import Above, Shown, title
from ovr_tui.console.files import named
from ovr_tui.console.format import Figure, Trust
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.text import width
from tests.support.snapshots import START_MS, asset

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
EDGES = Edges(end_ms=START_MS, event_ms=START_MS - 50 * HOUR_MS)


# -- which part is looked at --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("range_", "hours"),
    [(Range.FIVE_MINUTES, 1 / 12), (Range.HOUR, 1), (Range.SIX_HOURS, 6), (Range.DAY, 24),
     (Range.EVENT, 50)],
)  # fmt: skip
def test_ranges_end_now(range_: Range, hours: float) -> None:
    """Each range ends with the newest moment and is as long as it says."""
    window = Look(range=range_).window(EDGES)
    assert (window.end_ms, window.span_ms) == (START_MS, round(hours * HOUR_MS))


def test_zoom_goes_around_the_cursor_else_to_the_end() -> None:
    """In: half the time; the cursor keeps its place, without one the newest does. Out again: the
    whole range, and no further."""
    look = Look(range=Range.HOUR).zoomed(0.5, EDGES)
    assert look.window(EDGES) == Window(START_MS - HOUR_MS // 2, START_MS)
    assert look.zoomed(2.0, EDGES) == Look(range=Range.HOUR)
    at_ms = START_MS - HOUR_MS * 3 // 4
    near = Look(range=Range.HOUR, cursor_ms=at_ms).zoomed(0.5, EDGES)
    window = near.window(EDGES)
    assert window.span_ms == HOUR_MS // 2
    assert (at_ms - window.start_ms) * 4 == window.span_ms
    assert near.zoomed(2.0, EDGES).zoomed(2.0, EDGES).window(EDGES).span_ms == HOUR_MS


def test_a_zoomed_picture_follows_the_newest() -> None:
    """Zoomed in at the end it goes on with time; zoomed in elsewhere it stays where it is."""
    later = Edges(end_ms=START_MS + MINUTE_MS)
    assert Look(range=Range.HOUR).zoomed(0.5, EDGES).window(later).end_ms == later.end_ms
    past = Look(range=Range.HOUR, cursor_ms=START_MS - HOUR_MS * 3 // 4).zoomed(0.25, EDGES)
    assert past.window(later) == past.window(EDGES)


def test_the_cursor_moves_by_columns_and_takes_the_picture_along() -> None:
    """It begins at the end; beyond the newest it is gone; beyond the edge of what is zoomed in to
    the picture pans; never before the range."""
    look = Look(range=Range.HOUR)
    first = look.moved(-1, 60, EDGES)
    assert first.cursor(EDGES) == START_MS - MINUTE_MS
    assert first.moved(1, 60, EDGES).cursor(EDGES) is None
    zoomed = look.zoomed(0.25, EDGES)
    panned = zoomed.moved(-70, 60, EDGES)
    window, cursor = panned.window(EDGES), panned.cursor(EDGES)
    assert cursor is not None
    assert window.end_ms < START_MS
    assert window.start_ms <= cursor <= window.end_ms
    far = look.moved(-500, 60, EDGES)
    assert far.cursor(EDGES) == START_MS - HOUR_MS


def test_a_cursor_that_time_has_left_behind_is_gone() -> None:
    """The picture goes on under a cursor; once its moment is out of it there is no cursor."""
    look = Look(range=Range.FIVE_MINUTES).moved(-60, 60, EDGES)
    assert look.cursor(EDGES) is not None
    assert look.cursor(Edges(end_ms=START_MS + 1000)) is None


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("zoom"), st.sampled_from([0.5, 2.0])),
            st.tuples(st.just("move"), st.integers(-300, 300)),
        ),
        max_size=30,
    ),
    st.sampled_from(list(Range)),
    st.integers(0, 10**7),
)
def test_whatever_is_pressed_the_picture_stays_in_its_range(
    keys: list[tuple[str, float]], range_: Range, later_ms: int
) -> None:
    """After any keys, with time going on: a window of at least a minute that lies in the range, and
    a cursor in it or none."""
    look, edges = Look(range=range_), EDGES
    for what, by in keys:
        edges = Edges(end_ms=edges.end_ms + later_ms // 30, event_ms=edges.event_ms)
        look = look.zoomed(by, edges) if what == "zoom" else look.moved(round(by), 80, edges)
        window, whole, cursor = look.window(edges), look.whole(edges), look.cursor(edges)
        assert whole.start_ms <= window.start_ms < window.end_ms <= whole.end_ms
        assert window.span_ms >= LEAST_SPAN_MS
        assert cursor is None or window.start_ms <= cursor <= window.end_ms


# -- what is asked for --------------------------------------------------------------------------

DAY = Window(START_MS - 24 * HOUR_MS, START_MS)


def answer(window: Window, step_s: int, value: float = 1.0) -> HistoryAnswer:
    """An answer for a window, each minute's band one wide."""
    step_ms = step_s * 1000
    times_ = tuple(range(window.start_ms // step_ms * step_ms, window.end_ms + 1, step_ms))
    count = len(times_)
    return HistoryAnswer(
        asset="a", measurement="load_power_w", times=times_, values=(value,) * count,
        least=(value - 0.5,) * count, greatest=(value + 0.5,) * count,
    )  # fmt: skip


def test_steps_are_whole_minutes_and_few() -> None:
    """A day is asked for in steps of minutes, some hundred points; a festival of ten days too."""
    assert step_of(Window(START_MS - HOUR_MS, START_MS)) == 60
    for days in (1, 3, 10, 60):
        window = Window(START_MS - days * 24 * HOUR_MS, START_MS)
        assert step_of(window) % 60 == 0
        assert 100 < window.span_ms / 1000 / step_of(window) <= 500


def test_only_what_is_missing_is_asked_for() -> None:
    """First the whole window; then nothing until a whole step has passed; then the end only."""
    pasts = Pasts()
    due = pasts.due("a", "load_power_w", DAY, 0.0)
    assert due is not None
    assert due.start_ms <= DAY.start_ms
    pasts.fill(answer(due, 180), due, 180)
    assert pasts.due("a", "load_power_w", DAY, 1.0) is None
    soon = Window(DAY.start_ms + 60_000, DAY.end_ms + 60_000)
    assert pasts.due("a", "load_power_w", soon, 2.0) is None
    later = Window(DAY.start_ms + 200_000, DAY.end_ms + 200_000)
    tail = pasts.due("a", "load_power_w", later, 3.0)
    assert tail is not None
    assert tail.span_ms < 3 * 180_000 + 200_000
    pasts.fill(answer(tail, 180, 2.0), tail, 180)
    track = pasts.track("a", "load_power_w", later)
    assert list(track.times) == sorted(set(track.times))
    assert track.values[0] == 1.0
    assert track.values[-1] == 2.0
    assert len(track.times) == len(track.least) == len(track.greatest)


def test_a_failure_is_told_and_rested() -> None:
    """After a failure it is not asked again at once, what was known stays, and why is said; a good
    answer ends that."""
    pasts = Pasts()
    due = pasts.due("a", "load_power_w", DAY, 0.0)
    assert due is not None
    pasts.fill(answer(due, 180), due, 180)
    later = Window(DAY.start_ms + HOUR_MS, DAY.end_ms + HOUR_MS)
    pasts.failed("a", "load_power_w", later, "too busy", 10.0)
    assert pasts.due("a", "load_power_w", later, 10.0 + AGAIN_S - 1) is None
    assert pasts.problem("a", "load_power_w", later) == "too busy"
    assert pasts.track("a", "load_power_w", later).times
    again = pasts.due("a", "load_power_w", later, 10.0 + AGAIN_S)
    assert again is not None
    pasts.fill(answer(again, 180), again, 180)
    assert pasts.problem("a", "load_power_w", later) == ""


def test_minutes_are_followed_by_the_seconds_since() -> None:
    """Behind the last whole step stand the seconds that the stream has brought."""
    known = Histories()
    window = Window(START_MS - HOUR_MS, START_MS)
    known.pasts.fill(answer(Window(window.start_ms, START_MS - 2 * MINUTE_MS), 60), window, 60)
    known.wants("a", "load_power_w")
    seconds = tuple(range(START_MS - 200_000, START_MS + 1, 1000))
    known.fill(
        HistoryAnswer(
            asset="a", measurement="load_power_w", times=seconds, values=(9.0,) * len(seconds)
        )
    )
    track = known.track("a", "load_power_w", window, START_MS)
    assert list(track.times) == sorted(set(track.times))
    assert track.times[-1] == START_MS
    assert track.values[0] == 1.0
    assert track.values[-1] == 9.0
    assert 60 <= sum(value == 9.0 for value in track.values) <= 180


def test_minutes_before_a_restart_are_a_line_and_a_pause_is_a_gap() -> None:
    """What a collector that was started lately knows by the minute is joined to its seconds; where
    the seconds pause nothing is joined."""
    known = Histories()
    known.wants("a", "load_power_w")
    begin = START_MS - 10 * MINUTE_MS
    minutes = tuple(range(begin, START_MS - 5 * MINUTE_MS, MINUTE_MS))
    first = tuple(range(minutes[-1] + MINUTE_MS + 500, minutes[-1] + 2 * MINUTE_MS, 1000))
    second = tuple(range(START_MS - 2 * MINUTE_MS, START_MS, 1000))
    times = (*minutes, *first, *second)
    known.fill(
        HistoryAnswer(
            asset="a", measurement="load_power_w", times=times, values=(9.0,) * len(times)
        )
    )
    track = known.seconds("a", "load_power_w")
    runs = pieces(track, Window(begin, START_MS), 600)
    assert len(runs) == 2
    assert runs[0][0] == (0.0, 9.0)


# -- what is shown ------------------------------------------------------------------------------


def test_a_band_fills_the_time_of_its_values() -> None:
    """Each column holds the least and greatest of the minutes in it; a gap has none."""
    track = Track(
        times=(0, 60_000, 300_000), values=(5.0, 6.0, 7.0), least=(4.0, 5.0, 6.0),
        greatest=(6.0, 9.0, 8.0), gap_ms=120_000,
    )  # fmt: skip
    found = band(track, Window(0, 600_000), 10)
    assert found == {0: (4.0, 6.0), 1: (5.0, 9.0), 5: (6.0, 8.0)}
    coarse = band(track, Window(0, 600_000), 2)
    assert coarse[0] == (4.0, 9.0)
    assert band(Track(times=(0,), values=(1.0,)), Window(0, 10), 10) == {}


def test_what_a_cursor_shows() -> None:
    """The value nearest to it in the unit that people read, with its least and greatest; in a gap
    nothing."""
    track = Track(
        times=(0, 60_000), values=(5000.0, None), least=(4000.0, None), greatest=(6000.0, None),
        gap_ms=120_000,
    )  # fmt: skip
    one = series("load_power_w", "A", track)
    assert seen(one, 20_000) == (0, 5.0, 4.0, 6.0)
    assert seen(one, 50_000) is None
    assert seen(one, 10**9) is None
    assert seen(series("load_power_w", "A", Track()), 0) is None


def test_times_on_the_axis() -> None:
    """Whole local times; seconds in a short window; the day where one begins; within the width."""
    for span_ms, word in ((MINUTE_MS, ":10"), (HOUR_MS, ":00"), (72 * HOUR_MS, "Wed 24")):
        window = Window(START_MS - span_ms, START_MS)
        where, labels = times(window, "America/Los_Angeles", 100)
        assert 2 <= len(labels) <= 12
        assert any(word in label for label in labels), labels
        assert all(0 <= x <= 100 for x in where)


@pytest.mark.parametrize(
    ("end", "hours", "width", "expected"),
    [
        ("2026-11-04 20:00", 144, 80, "Fri 30,Sat 31,Sun 01,Mon 02,Tue 03,Wed 04"),
        ("2026-11-02 08:00", 48, 60, "12:00,Sun 01,12:00,Mon 02"),
        ("2026-03-10 20:00", 96, 60, "Sat 07,Sun 08,Mon 09,Tue 10"),
        ("2026-11-01 11:00", 4, 60, "Sun 01,01:00,01:00,02:00,03:00"),
    ],
)
def test_days_on_the_axis_begin_at_midnight(
    end: str, hours: int, width: int, expected: str
) -> None:
    """Also after clocks were put back or forward; each label stands where its time is."""
    end_ms = int(datetime.fromisoformat(f"{end}Z").timestamp() * 1000)
    window = Window(end_ms - hours * HOUR_MS, end_ms)
    where, labels = times(window, "America/Los_Angeles", width)
    assert ",".join(labels) == expected
    assert where == sorted(where)


BESS = asset(readings={"load_power_w": 1.0, "battery_power_w": 2.0, "battery_soc_pct": 3.0,
                       "battery_voltage_v": 4.0, "grid_power_w": 5.0, "pv_power_w": 6.0,
                       "voltage_v.L1": 7.0, "inverter_state": 9.0})  # fmt: skip


def test_up_to_four_measurements_of_two_units() -> None:
    """What is kept is drawn beside where one is, up to four, of two units at most; more is refused
    with the reason; the same key lets go again."""
    choice = Choice()
    assert chart_keys(BESS)[0] == "load_power_w"
    assert choice.shown(BESS) == ["load_power_w"]
    choice, problem = choice.toggled(BESS)
    assert not problem
    choice = choice.moved(1, BESS)
    assert choice.shown(BESS) == ["load_power_w", "grid_power_w"]
    choice, _ = choice.toggled(BESS)
    while choice.place(BESS) != "battery_soc_pct":
        choice = choice.moved(1, BESS)
    choice, problem = choice.toggled(BESS)
    assert not problem
    volts = choice.moved(1, BESS)
    assert volts.place(BESS) == "battery_voltage_v"
    assert volts.shown(BESS) == list(choice.picked)
    same, problem = volts.toggled(BESS)
    assert (same, problem) == (volts, "two units at most: kW and % are there")
    full, _ = choice.moved(-1, BESS).toggled(BESS)
    _, problem = full.moved(-1, BESS).toggled(BESS)
    assert len(full.picked) == 4
    assert "4 at most" in problem
    gone, _ = full.toggled(BESS)
    assert len(gone.picked) == 3


def test_a_kept_measurement_that_an_asset_lacks_is_not_drawn() -> None:
    """What was kept for another asset of its kind is left out where it does not exist."""
    choice = Choice(picked=("battery_soc_pct", "load_power_w"))
    assert choice.shown(asset(readings={"load_power_w": 1.0})) == ["load_power_w"]
    assert Choice().shown(asset()) == []


def above(**fields: object) -> Above:
    """Two series of an hour."""
    one = series("load_power_w", "A", Track())
    two = series("battery_soc_pct", "B", Track())
    shown = [
        Shown(series=one, now=Figure(48.2, Trust.GOOD), here=True),
        Shown(series=two, now=Figure(71.0, Trust.STALE), picked=True),
    ]
    base = Above(look=Look(range=Range.HOUR), edges=EDGES, timezone="America/Los_Angeles",
                 shown=shown)  # fmt: skip
    return replace(base, **fields)


@pytest.mark.parametrize("cells", [58, 80, 200])
def test_the_title_tells_series_apart(cells: int) -> None:
    """Range chosen, letters, values with units, stale in brackets, which goes by the right axis."""
    lines = title(above(), UNICODE, cells)
    text = text_of(lines)
    assert all(width(line) <= cells for line in lines)
    assert "[1 h]" in text
    assert "A load power 48.2 kW" in text
    assert "B battery SOC (71) % →" in text
    narrow = text_of(title(above(), UNICODE, 36))
    assert "A load power 48.2 kW  B (71) % →" in narrow
    no_event = title(above(edges=Edges(end_ms=START_MS)), UNICODE, cells)
    assert "event" not in text_of(no_event)
    assert "event" in text


def test_the_title_says_what_is_the_matter() -> None:
    """Old data, a failure and a zoomed window are said at the right end."""
    assert "stands still for 43 s" in text_of(title(above(stale_s=43.0), UNICODE, 80))
    assert "no route" in text_of(title(above(trouble="no route"), UNICODE, 80))
    zoomed = Look(range=Range.HOUR, span_ms=HOUR_MS // 2)
    text = text_of(title(above(look=zoomed), UNICODE, 80))
    assert "zoom 14:02:07–14:32:07" in text
    assert "2 all of it" in text
    assert "all of it" not in text_of(title(above(look=Look(range=Range.HOUR)), UNICODE, 80))


@pytest.mark.parametrize(
    ("range_", "span_s", "wanted"),
    [
        (Range.FIVE_MINUTES, 150, "[2 min 30 s of 5 min]"),
        (Range.FIVE_MINUTES, 75, "[75 s of 5 min]"),
        (Range.HOUR, 1800, "[30 min of 1 h]"),
        (Range.SIX_HOURS, 6750, "[1 h 52 of 6 h]"),
        (Range.DAY, 10_800, "[3 h of 24 h]"),
    ],
)
def test_a_zoomed_chart_does_not_claim_its_range(range_: Range, span_s: int, wanted: str) -> None:
    """How much is shown stands with the range that it is of, also where there is little room."""
    look = Look(range=range_, span_ms=span_s * 1000)
    for cells in (48, 58, 80, 120):
        text = text_of(title(above(look=look), UNICODE, cells)[:1])
        assert wanted in text
        assert "zoom " in text
    assert f"[{range_}]" in text_of(title(above(look=Look(range=range_)), UNICODE, 80))


def test_the_title_of_a_past_day_names_the_day() -> None:
    """Of a zoomed picture and of a moment in it: wherever the picture begins before the newest
    moment's day. From a day on both ends have theirs."""
    until_ms = START_MS - 24 * HOUR_MS

    def said(**fields: object) -> str:
        made = replace(Look(range=Range.EVENT, until_ms=until_ms), **fields)
        lines = title(above(look=made), UNICODE, 80)
        assert all(width(line) <= 80 for line in lines)
        return text_of(lines)

    assert "zoom Wed 24 11:32:07–14:32:07" in said(span_ms=3 * HOUR_MS)
    assert "zoom Tue 23 23:32:07–14:32:07" in said(span_ms=15 * HOUR_MS)
    assert "zoom Tue 23 20:32–Thu 25 08:32" in said(
        span_ms=36 * HOUR_MS, until_ms=START_MS - 6 * HOUR_MS
    )
    assert "at Wed 24 13:32:07" in said(span_ms=3 * HOUR_MS, cursor_ms=until_ms - HOUR_MS)
    assert "at 13:32:07" in said(span_ms=3 * HOUR_MS, until_ms=None, cursor_ms=START_MS - HOUR_MS)


# -- what is written ----------------------------------------------------------------------------


def test_a_file_of_what_is_shown(tmp_path: Path) -> None:
    """One row for each moment of the window, UTC and local time, each reading by its key in the
    catalogue's unit, with its band; a second file does not replace the first."""
    track = Track(times=(0, 60_000, 120_000), values=(5000.0, None, 7000.0),
                  least=(4000.0, None, 6000.0), greatest=(6000.0, None, 8000.0))  # fmt: skip
    soc = Track(times=(60_000,), values=(71.0,))
    rows = table(
        [("load_power_w", track), ("battery_soc_pct", soc)],
        Window(30_000, 120_000), "America/Los_Angeles",
    )  # fmt: skip
    first = write(rows, "ovr-a", [tmp_path / "nowhere", tmp_path])
    second = write(rows, "ovr-a", [tmp_path])
    assert (first.name, second.name) == ("ovr-a.csv", "ovr-a-2.csv")
    read = list(csv.reader(first.read_text(encoding="utf-8").splitlines()))
    assert read[0] == ["time_utc", "time_local", "load_power_w", "load_power_w least",
                       "load_power_w greatest", "battery_soc_pct"]  # fmt: skip
    assert read[1][:2] == ["1970-01-01T00:01:00Z", "1969-12-31T16:01:00-08:00"]
    assert read[1][2:] == ["", "", "", "71.0"]
    assert read[2][2:] == ["7000.0", "6000.0", "8000.0", ""]
    assert len(read) == 3


def test_no_folder_to_write_into(tmp_path: Path) -> None:
    """When nothing can be written it is said, not swallowed."""
    with pytest.raises(OSError, match="No such file"):
        write([["a"]], "x", [tmp_path / "nowhere"])
    with pytest.raises(OSError, match="no folder"):
        write([["a"]], "x", [])


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b\n", "日本", "bess-1.genset"])
def test_file_names_are_harmless(name: str) -> None:
    """Whatever an asset is called, its file is in the folder and has a plain name."""
    made = named(name, START_MS, "America/Los_Angeles")
    assert made.endswith("-2026-06-25-143207")
    assert "/" not in made
    assert made.isascii()
    assert made.isprintable()
    assert AssetKind.BESS not in made or "bess-1.genset" in made
