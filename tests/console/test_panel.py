"""The asset panel and the health page, as text."""

import re

import msgspec
import pytest

from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.snapshot import (
    Check,
    Gap,
    JournalHealth,
    Overlap,
    Remainder,
    SinkHealth,
    SourceHealth,
    Total,
)
from ovr_tui.console import panel
from ovr_tui.console.band import text_of
from ovr_tui.console.format import clock, label
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.health import health_lines
from ovr_tui.console.text import plain, width
from tests.console.test_band import moment
from tests.console.test_text import HOSTILE
from tests.support.snapshots import KIND_KEYS, START_MS, asset, site, snapshot


@pytest.mark.parametrize("kind", list(AssetKind))
@pytest.mark.parametrize("cells", [58, 80, 200])
def test_every_reading_of_a_kind_is_shown(kind: AssetKind, cells: int) -> None:
    """Whatever the catalogue lets a kind have is on its panel, with its name, within the width."""
    view = asset("a", kind, readings=dict.fromkeys(KIND_KEYS[kind], 1.5))
    lines = panel.values(view, None, START_MS, UNICODE, cells)
    text = text_of(lines)
    for key in KIND_KEYS[kind]:
        if "." not in key:
            assert label(key) in text
    assert ("PHASES" in text) == any("." in key for key in KIND_KEYS[kind])
    assert all(width(line) <= max(cells, 66) for line in lines)


def test_values_have_units_ages_and_states_words() -> None:
    """A value stands with its unit, an old one with its age, a state in words."""
    view = asset(
        readings={"load_power_w": 48_240.0, "inverter_state": 9.0, "time_to_go_s": 11_400.0}
    )
    old = Reading(51.8, Quality.GOOD, START_MS - 44_000)
    view = msgspec.structs.replace(view, readings={**view.readings, "battery_voltage_v": old})
    text = text_of(panel.values(view, None, START_MS, UNICODE, 58))
    assert "load power" in text
    assert "48.2 kW" in text
    assert "51.80 V" in text
    assert "44" in text
    assert "inverting" in text
    assert "3 h 10" in text


def test_stale_values_are_in_brackets() -> None:
    """Of an asset that is not live every value is in brackets, states and phases too."""
    view = asset(
        status=AssetStatus.STALE,
        readings={"load_power_w": 48_240.0, "inverter_state": 9.0, "voltage_v.L1": 229.6},
        age_s=43,
    )
    text = text_of(panel.values(view, None, START_MS, UNICODE, 58))
    assert "(48.2)" in text
    assert "(inverting)" in text
    assert "(229.6)" in text


def test_silence_makes_the_panel_stale() -> None:
    """When the collector is silent the panel of a live asset is as stale as its row."""
    view = asset(readings={"load_power_w": 48_240.0})
    assert "(48.2)" in text_of(panel.values(view, 9.0, START_MS, UNICODE, 58))
    head = text_of(panel.head(view, 9.0, UNICODE, 80))
    assert "○ STALE 9 s" in head
    assert "no word of the collector for 9 s" in head


def test_phases_of_voltage_between_phases() -> None:
    """Voltages between phases have their own line below those to neutral."""
    keys = [key for key in KEYS if key.startswith("voltage_v.")]
    view = asset(readings=dict.fromkeys(keys, 400.0))
    text = text_of(panel.values(view, None, START_MS, UNICODE, 80))
    assert "between phases V" in text


def test_an_asset_that_may_be_counted_twice() -> None:
    """Both of the two say which the other is."""
    twins = (Overlap(asset="a", other="b", since_ms=0),)
    doubtful = Total(quantity="load_power_w", value=9000.0, counted=("a", "b"), unverified=twins)
    shot = snapshot(totals={"load_power_w": doubtful})
    for name, other in (("a", "b"), ("b", "a")):
        said = text_of(panel.counts_as(asset(name), shot, UNICODE, 120))
        assert f"may be one flow with {other}" in said


def test_what_an_asset_counts_for() -> None:
    """Counted, check, part of a parent, parent with a remainder, left out: each in words."""
    totals = {
        "load_power_w": Total(
            quantity="load_power_w",
            value=1.0,
            counted=("parent", "plain"),
            left_out=("gone",),
            checks=(Check(asset="twin", of="parent", deviation_pct=2.34),),
            remainders=(Remainder(parent="parent", children=("child",), value=12_300.0),),
        )
    }
    shot = snapshot(totals=totals)
    said = {
        name: text_of(panel.counts_as(asset(name, notes=("check CTs",)), shot, UNICODE, 80))
        for name in ("parent", "plain", "gone", "twin", "child", "stranger")
    }
    assert "load power: counts; 12.3 kW of it unmetered and losses" in said["parent"]
    assert "load power: counts\n" in said["plain"]
    assert "left out now (the total is partial)" in said["gone"]
    assert "a check of parent, never added, deviates 2.3 %" in said["twin"]
    assert "a part of what parent measures" in said["child"]
    assert "load power" not in said["stranger"]
    assert all("▲ check CTs" in text for text in said.values())


def test_what_a_device_says_beside_its_readings() -> None:
    """It stands below a head of its own, without the sign of what somebody should look at, and not
    among the hints of the list."""
    view = asset("a", remarks=("door: open", "Container: room 24 °C"))
    text = text_of(panel.counts_as(view, snapshot(view), UNICODE, 80))
    assert "SAYS\ndoor: open\nContainer: room 24 °C" in re.sub(" *\n *", "\n", text)
    assert "NOTES" not in text
    assert "▲" not in text


def test_chart_keys_are_gauges_that_exist() -> None:
    """Gauges can be charted, whole ones before phases; counters and states cannot."""
    view = asset(
        readings={
            "voltage_v.L1": 1.0,
            "load_power_w": 1.0,
            "inverter_state": 9.0,
            "load_energy_kwh": 1.0,
        }
    )
    assert panel.chart_keys(view) == ["load_power_w", "voltage_v.L1"]
    assert panel.chart_keys(asset()) == []
    title = plain(panel.chart_title(view, "voltage_v.L1", None, 60, UNICODE))
    assert "voltage L1  1.0 V" in title


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_on_a_panel(name: str) -> None:
    """Names, reasons, links and notes of any content make lines without control bytes."""
    view = asset("a", name=name, reason=name, links=(name,), notes=(name,), system=name)
    view = msgspec.structs.replace(view, remarks=(name,))
    shot = snapshot(view)
    lines = [*panel.head(view, None, UNICODE, 60), *panel.counts_as(view, shot, UNICODE, 80)]
    assert not any(ord(ch) < 32 or 127 <= ord(ch) < 160 for ch in text_of(lines).replace("\n", ""))


def test_health_page_says_what_is_wrong() -> None:
    """Sources with cause and retry, worst first; losses; sinks; drops; problems; the console."""
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
    assert text.index("stage-a") < text.index("aaa")


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


def test_health_page_when_all_is_well() -> None:
    """A healthy site says so in the first line; no sinks and no devices say what that means."""
    assert "✓ No problems." in text_of(health_lines(moment(site(5)), 80))
    empty = text_of(health_lines(moment(snapshot()), 80))
    assert "samples stay in the journal" in empty
    assert "No devices in the registry yet" in empty
    assert "has not answered yet" in text_of(health_lines(moment(None), 80))


def test_nothing_is_cut_beside_the_table() -> None:
    """In the narrow panel all four phases stand within its width, and long words are wrapped."""
    view = asset("a", AssetKind.LOAD, readings=dict.fromkeys(KIND_KEYS[AssetKind.LOAD], 1234.5))
    view = msgspec.structs.replace(view, notes=("clamps look reversed on this meter " * 3,))
    check = Check(asset="a", of="the-main-stage-transformer", deviation_pct=2.34)
    totals = {"load_power_w": Total(quantity="load_power_w", value=1.0, checks=(check,))}
    lines = [
        *panel.head(view, None, UNICODE, 58),
        *panel.values(view, None, START_MS, UNICODE, 58),
        *panel.counts_as(view, snapshot(view, totals=totals), UNICODE, 58),
    ]
    assert max(width(line) for line in lines) <= 58
    assert "deviates 2.3 %" in " ".join(text_of(lines).split())


def test_causes_are_whole_on_a_low_screen() -> None:
    """Why a source, a sink or the journal is not well is wrapped on 80 columns, not cut."""
    cause = "the receiver does not answer: is it running, and is the address in node.toml right?"
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
