"""The health page, as text."""

import msgspec

from collector.model.snapshot import (
    Gap,
    JournalHealth,
    SinkHealth,
    SourceHealth,
)
from ovr_tui.console.band import text_of
from ovr_tui.console.format import clock
from ovr_tui.console.health.overview import health_lines
from ovr_tui.console.text import plain, width
from tests.console.test_band import moment
from tests.support.snapshots import START_MS, asset, site, snapshot


def test_health_page_says_what_is_wrong() -> None:
    """Sources that do not run, and why; losses; sinks; drops; problems; the console."""
    source = SourceHealth(
        device="stage-a", kind="acuvim", address="10.0.0.9:502", state="backoff",
        since_ms=START_MS - 720_000, cause="no route to host", tries=11, retry_in_s=8.0,
        drops={"bad value": 3},
    )  # fmt: skip
    fine = SourceHealth(device="aaa", kind="gx", address="x", state="running", since_ms=START_MS)
    sinks = (
        SinkHealth(
            sink="cloud", state="retry", cause="503", behind_s=7200, owed_batches=12,
            dead_samples=4, lossless=False, lossless_why="set epoch_url",
        ),
    )  # fmt: skip
    shot = snapshot(asset(), sources=(fine, source), sinks=sinks, problems=("disk nearly full",))
    shot = msgspec.structs.replace(
        shot,
        journal=JournalHealth(state="failing", cause="disk full", lost_samples=5),
        health=msgspec.structs.replace(shot.health, drops={"series limit": 7}, tick_late_ms=900),
    )
    text = text_of(health_lines(moment(shot), 120))
    for part in (
        "▲ disk nearly full", "900 ms late", "failing", "disk full", "5 samples, never sent",
        "retry, 120 min behind", "NOT lossless", "12 batches owed", "4 samples refused for good",
        "503", "not lossless: set epoch_url", "1 of 2 running", "backoff 12 min", "try 12 in 8 s",
        "no route to host", "left out: 3 bad value", "series limit", "frames dropped",
    ):  # fmt: skip
        assert part in text
    assert "aaa" not in text  # what runs is on the tab of the sources


def test_health_page_tells_of_an_unconfirmed_clock_and_of_gaps() -> None:
    """What waits for the clock, what has estimated times, and from when to when nothing was
    journaled; a gap whose time nobody knows yet says how long it was."""
    gap = Gap(from_ms=START_MS, to_ms=START_MS + 65_000, ticks=66, samples=660, cause="disk full")
    journal = JournalHealth(
        state="ok", unconfirmed=1234, estimated_ticks=77, gap=gap, gap_ticks=66, gap_samples=660
    )
    shot = msgspec.structs.replace(snapshot(asset(), timezone="UTC"), journal=journal)
    text = text_of(health_lines(moment(shot), 120))
    day = clock(START_MS, "UTC"), clock(START_MS + 65_000, "UTC")
    assert "1 234 batches, until the clock is confirmed" in text
    assert "77 batches, before the clock was confirmed" in text
    assert "66 ticks, 20" in text
    assert f"{day[0]} to {day[1]}" in text
    early = msgspec.structs.replace(gap, from_ms=5000, to_ms=70_000, boot="b")
    shot = msgspec.structs.replace(shot, journal=JournalHealth(state="ok", gap=early))
    line = next(
        line for line in text_of(health_lines(moment(shot), 120)).splitlines() if "gap" in line
    )
    assert line.rstrip().endswith("66 ticks")


def test_no_problems_only_where_it_can_be_known() -> None:
    """Of a lost collector nobody knows; of a held picture only how it was; sources that are to run
    and do not are said."""
    shot = msgspec.structs.replace(site(5), alarms=())
    lost = text_of(health_lines(moment(shot, attached=False, losses=1, silent_s=40), 80))
    assert " No problems 40 s ago; now nobody knows." in lost
    held = text_of(health_lines(moment(shot, paused_s=7, held_s=8), 80))
    assert " No problems 8 s ago.\n" in held
    states = ("running", "backoff", "wrong device", "disabled")
    sources = tuple(
        SourceHealth(device=state, kind="gx", address="x", state=state, since_ms=START_MS)
        for state in states
    )
    deaf = text_of(health_lines(moment(msgspec.structs.replace(shot, sources=sources)), 80))
    assert "▲ No problems of the collector; 2 of 3 sources do not run." in deaf
    assert "✓ No problems" not in deaf + lost + held


def test_health_page_when_all_is_well() -> None:
    """A healthy site says so in the first line; no sinks and no devices say what that means."""
    assert "✓ No problems." in text_of(health_lines(moment(site(5)), 80))
    empty = text_of(health_lines(moment(snapshot()), 80))
    assert "samples stay in the journal" in empty
    assert "No devices in the registry yet" in empty
    assert "has not answered yet" in text_of(health_lines(moment(None), 80))


def test_causes_are_whole_on_a_low_screen() -> None:
    """Why a source, a sink or the journal is not well is wrapped on 80 columns, not cut."""
    cause = "the receiver does not answer: is it running, is the address in node.toml right, and "
    cause += "does a firewall between the two let its port through? Until then samples wait."
    source = SourceHealth(
        device="stage-a", kind="acuvim", address="x", state="backoff", since_ms=0, cause=cause
    )
    shot = snapshot(
        sources=(source,), sinks=(SinkHealth(sink="s", state="x", cause=cause),), problems=(cause,)
    )
    shot = msgspec.structs.replace(shot, journal=JournalHealth(state="failing", cause=cause))
    now = moment(shot, attached=False, cause=cause, losses=1)
    lines = [line for line in health_lines(now, 80) if "messages" not in plain(line)]
    assert max(width(line) for line in lines) <= 80
    assert " ".join(text_of(lines).split()).count(cause) == 5
