"""Arrows, sparklines and the history of what is charted."""

import msgspec
import pytest

from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.snapshot import Snapshot
from collector.wire import HistoryAnswer
from ovr_tui.console.charts.histories import KEPT, Histories
from ovr_tui.console.trends import BUCKET_MS, CELLS, Trends
from tests.support.snapshots import START_MS, asset, snapshot

FIRST_MS = START_MS // BUCKET_MS * BUCKET_MS
"""The beginning of a bucket."""


def shot(second: int, watts: float | None, status: AssetStatus = AssetStatus.LIVE) -> Snapshot:
    """A load of `watts` at a second."""
    view = asset("a", AssetKind.LOAD, status, {"load_power_w": watts})
    return snapshot(view, seq=second + 1, at_ms=FIRST_MS + second * 1000)


@pytest.mark.parametrize(
    ("values", "arrow"),
    [
        ([10_000.0] * 16, 0),
        ([10_000.0] * 15 + [10_499.0], 0),
        ([10_000.0] * 15 + [10_600.0], 1),
        ([10_000.0] * 15 + [9_000.0], -1),
        ([100.0] * 15 + [400.0], 0),
        ([1000.0], 0),
        ([10_000.0] * 5 + [None], 0),
        ([-10_000.0] * 15 + [-20_000.0], -1),
    ],
)
def test_arrow(values: list[float | None], arrow: int) -> None:
    """A trend is a change of over a twentieth and over 500 W within 15 s, of a live asset."""
    trends = Trends()
    for second, watts in enumerate(values):
        trends.feed(shot(second, watts))
    assert trends.arrow("a") == arrow
    assert trends.arrow("unknown") == 0


def test_held_trends_stay() -> None:
    """While the picture is held arrows and sparklines stay as they were; then they go on with all
    that came meanwhile."""
    trends = Trends()
    for second in range(16):
        trends.feed(shot(second, 10_000.0))
    trends.hold()
    held = trends.arrow("a"), trends.cells("a"), trends.total_cells("load_power_w")
    for second in range(16, 32):
        trends.feed(shot(second, 1000.0 * second))
    assert (trends.arrow("a"), trends.cells("a"), trends.total_cells("load_power_w")) == held
    trends.go_on()
    assert trends.arrow("a") == 1
    assert trends.cells("a") != held[1]


def test_a_gap_is_no_trend() -> None:
    """What was heard a minute ago is not compared with now."""
    trends = Trends()
    trends.feed(shot(0, 1000.0))
    trends.feed(shot(60, 90_000.0))
    assert trends.arrow("a") == 0


def test_cells_are_means_of_live_seconds() -> None:
    """Each cell is the mean of its live seconds; stale ones leave a gap; a repeat counts once."""
    trends = Trends()
    for second, watts in ((0, 10.0), (1, 30.0), (1, 30.0)):
        trends.feed(shot(second, watts))
    assert trends.cells("a") == (None,) * (CELLS - 1) + (20.0,)
    stale_at = BUCKET_MS // 1000 + 1
    trends.feed(shot(stale_at, 99.0, AssetStatus.STALE))
    assert trends.cells("a") == (None,) * (CELLS - 2) + (20.0, None)


def test_a_reading_that_is_not_good_is_a_gap() -> None:
    """A live asset's power that is itself stale or bad is in no arrow and no cell."""
    for quality in (Quality.STALE, Quality.BAD):
        view = asset("a", AssetKind.LOAD)
        view = msgspec.structs.replace(
            view, readings={"load_power_w": Reading(9e4, quality, FIRST_MS)}
        )
        trends = Trends()
        trends.feed(snapshot(view, at_ms=FIRST_MS))
        assert trends.cells("a") == (None,) * CELLS


def test_backfill_comes_before_what_was_seen() -> None:
    """The collector's past fills the cells before the first seen one, and changes none."""
    trends = Trends()
    trends.feed(shot(5, 7.0))
    times = tuple(FIRST_MS + bucket * BUCKET_MS for bucket in range(-20, 1))
    values = (*(float(n) for n in range(-20, 0)), 1e9)
    trends.backfill(HistoryAnswer(asset="a", measurement="x", times=times, values=values))
    assert trends.cells("a") == (-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 7.0)


def test_memory_is_bounded_and_gone_assets_are_forgotten() -> None:
    """Days of ticks keep nine cells for each asset, and nothing of assets that are gone."""
    trends = Trends()
    for second in range(0, 20_000, 10):
        trends.feed(shot(second, 1.0))
    assert len(trends._trends["a"].buckets) == CELLS + 1
    trends.feed(snapshot(seq=10**6, at_ms=FIRST_MS))
    assert not trends._trends


def test_history_joins_past_and_stream() -> None:
    """The answer stands before the stream's values, which go on behind it; until there is an answer
    it has to be asked for."""
    histories = Histories()
    assert histories.wants("a", "load_power_w")
    assert histories.wants("a", "load_power_w")
    histories.feed(shot(10, 3000.0))
    histories.feed(shot(11, 4000.0, AssetStatus.STALE))
    times = tuple(FIRST_MS + second * 1000 for second in range(8, 11))
    past = HistoryAnswer(
        asset="a", measurement="load_power_w", times=times, values=(1000.0, None, 3000.0)
    )
    histories.fill(past)
    assert not histories.wants("a", "load_power_w")
    track = histories.seconds("a", "load_power_w")
    assert [(t - FIRST_MS) // 1000 for t in track.times] == [8, 9, 10, 11]
    assert track.values == (1000.0, None, 3000.0, None)


def test_histories_are_few_and_short() -> None:
    """Only the last used readings are kept, for about the window; after a lost link what was missed
    is asked for, and what is known stays."""
    histories = Histories()
    for n in range(KEPT + 3):
        histories.wants("a", f"voltage_v.L{n}")
        histories.fill(HistoryAnswer(asset="a", measurement=f"voltage_v.L{n}", times=(), values=()))
    assert not histories.wants("a", f"voltage_v.L{KEPT + 2}")
    assert histories.wants("a", "voltage_v.L0")
    histories.wants("a", "load_power_w")
    for second in range(3000):
        histories.feed(shot(second, 1.0))
    kept = len(histories.seconds("a", "load_power_w").times)
    assert kept < 1000
    histories.forget()
    assert histories.wants("a", "load_power_w")
    assert len(histories.seconds("a", "load_power_w").times) == kept


def test_an_answer_for_nothing_wanted_is_let_go() -> None:
    """A late answer for a reading that is no longer charted is not kept."""
    histories = Histories()
    histories.fill(HistoryAnswer(asset="a", measurement="x", times=(1,), values=(1.0,)))
    assert histories.seconds("a", "x").times == ()
