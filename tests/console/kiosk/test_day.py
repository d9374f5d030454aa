"""The load of the last 24 hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from collector.wire import HistoryAnswer
from ovr_tui.console.glyphs import TTY, UNICODE
from ovr_tui.console.kiosk.day import (
    BUCKET_MS,
    BUCKET_S,
    BUCKETS,
    MOST_ASKED,
    QUANTITY,
    Day,
    asked,
    day_page,
)
from ovr_tui.console.text import plain, width
from tests.support.snapshots import START_MS, snapshot, total

NOON_MS = START_MS // BUCKET_MS * BUCKET_MS


def taken(watts: float, seq: int, at_ms: int):
    """A snapshot of a site that takes so much."""
    return snapshot(seq=seq, at_ms=at_ms, totals={QUANTITY: total(QUANTITY, watts)})


def past(asset: str, watts: float | None, *quarters: int) -> HistoryAnswer:
    """What an asset took in the quarters so many before this one."""
    times = tuple(NOON_MS - back * BUCKET_MS for back in quarters)
    return HistoryAnswer(
        asset=asset, measurement=QUANTITY, times=times, values=(watts,) * len(times)
    )


def test_the_mean_of_each_quarter() -> None:
    """Each snapshot counts once, in its quarter of an hour; a quarter without any is a gap."""
    day = Day()
    for seq, (watts, at_ms) in enumerate(
        [(10e3, NOON_MS - 2 * BUCKET_MS), (30e3, NOON_MS), (50e3, NOON_MS + 1000)]
    ):
        for _ in range(2):
            day.feed(taken(watts, seq, at_ms))
    assert day.bars(NOON_MS)[-3:] == (10e3, None, 40e3)
    assert len(day.bars(NOON_MS)) == BUCKETS


def test_the_past_is_the_sum_of_the_assets() -> None:
    """What was before is asked of each asset and added up, and gives way to a quarter that was
    seen; after the loss of a collector it fills what was missed."""
    day = Day()
    for seq in range(BUCKET_S):
        day.feed(taken(80e3, seq, NOON_MS - BUCKET_MS + seq * 1000))
    day.feed(taken(90e3, BUCKET_S, NOON_MS))
    day.fill([past("a", 20e3, 3, 2, 1), past("b", 5e3, 3, 2, 1)], NOON_MS)
    assert day.bars(NOON_MS)[-4:] == (25e3, 25e3, 80e3, 90e3)


def test_a_quarter_that_goes_on_weighs_what_it_is_the_mean_of() -> None:
    """A display that begins in the fourteenth minute: the minutes before count as such, not as one
    second."""
    day, begun_ms = Day(), NOON_MS + 840_000
    day.feed(taken(0.0, 0, begun_ms))
    day.fill([past("a", 100e3, 0)], begun_ms)
    for seq in range(1, 60):
        day.feed(taken(0.0, seq, begun_ms + seq * 1000))
    assert day.bars(NOON_MS)[-1] == pytest.approx(93.4e3, rel=0.01)


def test_what_is_not_whole_is_no_load() -> None:
    """A partial total is none, and a quarter that is not known of every asset is a gap: less would
    be drawn than the site took."""
    day = Day()
    lacking = {QUANTITY: total(QUANTITY, 20e3, 1, left_out=1)}
    day.feed(snapshot(seq=1, at_ms=NOON_MS, totals=lacking))
    assert day.bars(NOON_MS)[-1] is None
    day.feed(taken(50e3, 2, NOON_MS + 1000))
    day.fill([past("a", 20e3, 3, 2, 1), past("b", 5e3, 3, 1), past("c", 1e3, 3)], NOON_MS)
    assert day.bars(NOON_MS)[-4:] == (26e3, None, None, 50e3)


def test_memory_is_bounded() -> None:
    """A display that runs for weeks keeps a day."""
    day = Day()
    for seq in range(500):
        day.feed(taken(1e3, seq, NOON_MS + seq * BUCKET_MS))
    assert len(day._sums) == BUCKETS + 1


def test_a_big_site_is_not_asked() -> None:
    """Of more assets than are worth it none is asked."""
    for count, expected in ((MOST_ASKED, MOST_ASKED), (MOST_ASKED + 1, 0)):
        shot = snapshot(totals={QUANTITY: total(QUANTITY, 1.0, count)})
        assert len(asked(shot)) == expected


@pytest.mark.parametrize("glyphs", [UNICODE, TTY], ids=["unicode", "tty"])
@pytest.mark.parametrize("size", [(18, 4), (38, 9), (78, 20), (118, 36), (248, 66)])
def test_any_size(size: tuple[int, int], glyphs) -> None:
    """The page fills its room exactly, whatever is known, and names the greatest and the hours."""
    for bars in (
        (None,) * BUCKETS,
        (0.0,) * BUCKETS,
        (*[None] * 90, 1e3, 5e3, 0.0, -2e3, 412_600.0, 1.0),
    ):
        lines = day_page(bars, NOON_MS, "America/Los_Angeles", *size, glyphs)
        assert len(lines) == size[1]
        assert {width(line) for line in lines} == {size[0]}
    text = "\n".join(map(plain, lines))
    if size[1] > 9:
        assert text.count(" kW ") == 2
        assert "18:00" in text


@pytest.mark.parametrize("now", ["2026-06-26 05:00", "2026-11-02 01:00", "2026-03-09 01:00"])
@pytest.mark.parametrize("cells", [78, 98, 118])
def test_an_hour_stands_below_the_bar_that_it_begins_in(cells: int, now: str) -> None:
    """Whatever the time is, and on a day on which clocks were changed: in 45 minutes to a bar
    `00:00` is not below that from 00:15 on."""
    zone = ZoneInfo("America/Los_Angeles")
    from_ms = int(datetime.fromisoformat(f"{now}Z").timestamp() * 1000)
    for quarter in range(24):
        at_ms = from_ms + quarter * BUCKET_MS
        marks = [
            (back, there.hour)
            for back in range(BUCKETS - 12)
            if not (there := datetime.fromtimestamp(at_ms / 1000 - back * BUCKET_S, zone)).minute
            and there.hour % 6 == 0
        ]
        assert len(marks) >= 3
        for back, hour in marks:
            bars = [None] * (BUCKETS - back - 1) + [1e3] + [None] * back
            lines = day_page(bars, at_ms, zone.key, cells, 20, UNICODE)
            *_, body, hours = [text for text in map(plain, lines) if text.strip()]
            column = len(body) - len(body[10:].lstrip())
            assert hours.startswith(f"{hour:02d}", column), f"{body}\n{hours}"
