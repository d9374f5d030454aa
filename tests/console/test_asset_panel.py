"""The panels of each kind of asset, as text."""

import re

import msgspec
import pytest

from collector.model.alarm import Severity
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.snapshot import AssetView, Check, Overlap, Remainder, Snapshot, Total
from ovr_tui.console.asset.panel import More, panel
from ovr_tui.console.asset.roles import counts_as
from ovr_tui.console.band import text_of
from ovr_tui.console.format import number, scale
from ovr_tui.console.glyphs import TTY, UNICODE, Glyphs
from ovr_tui.console.text import width
from tests.console.test_text import HOSTILE
from tests.support.snapshots import KIND_KEYS, START_MS, alarm, asset, changed, snapshot

CELLS = (58, 80, 120, 200)


def shown(
    view: AssetView,
    cells: int = 80,
    *others: AssetView,
    stale_s: float | None = None,
    glyphs: Glyphs = UNICODE,
    shot: Snapshot | None = None,
    more: More | None = None,
) -> str:
    """A panel as text."""
    return text_of(panel(view, shot or snapshot(view, *others), stale_s, glyphs, cells, more))


@pytest.mark.parametrize("kind", list(AssetKind))
@pytest.mark.parametrize("cells", CELLS)
def test_every_reading_of_a_kind_is_shown(kind: AssetKind, cells: int) -> None:
    """Whatever the catalogue lets a kind have is on its panel: every value stands there, no line is
    wider than the panel, and what has no place of its own is listed by its name."""
    gauges = [key for key in KIND_KEYS[kind] if KEYS[key].type != "state"]
    states = {key: 2.0 for key in KIND_KEYS[kind] if KEYS[key].type == "state"}
    values = {key: (101.0 + n) * scale(key).by for n, key in enumerate(gauges)}
    view = asset("a", kind, readings={**values, **states})
    lines = panel(view, snapshot(view), None, UNICODE, cells)
    assert max(width(line) for line in lines) <= cells
    text = text_of(lines)
    for key in states:
        assert KEYS[key].states.get(2, "state 2") in text, key
    for n, key in enumerate(gauges):
        assert number(101.0 + n, scale(key).decimals) in text or key == "time_to_go_s", key


def test_what_a_kind_does_not_expect_is_listed() -> None:
    """A reading of another kind, as a device may have it, is not hidden."""
    view = asset("a", AssetKind.LOAD, readings={"load_power_w": 1.0, "oil_pressure_kpa": 371.0})
    text = shown(view)
    assert "OTHER READINGS" in text
    assert re.search(r"oil pressure +371 kPa", text)


BESS = {
    "load_power_w": 48_240.0, "load_power_w.L1": 17_900.0, "load_power_w.L2": 15_600.0,
    "load_power_w.L3": 14_740.0, "voltage_v.L1": 231.4, "voltage_v.L2": 230.8,
    "voltage_v.L3": 232.1, "generator_power_w": 0.0, "pv_power_w": 9_300.0,
    "battery_power_w": -39_700.0, "battery_soc_pct": 71.0, "battery_voltage_v": 51.8,
    "battery_current_a": -766.0, "battery_temperature_c": 27.4, "time_to_go_s": 11_400.0,
    "charge_limit_a": 450.0, "discharge_limit_a": 900.0, "cell_voltage_min_v": 3.231,
    "cell_voltage_max_v": 3.246, "inverter_state": 9.0, "inverter_mode": 3.0, "ac_source": 240.0,
    "battery_state": 2.0, "frequency_hz": 50.01, "load_energy_kwh": 1842.0,
}  # fmt: skip
DC = asset("bess-1.mppt", AssetKind.PV, readings={"pv_power_w": 3_200.0, "battery_voltage_v": 51.9})
AC = asset("bess-1.fronius", AssetKind.PV, readings={"pv_power_w": 6_100.0})
GENSET = asset("bess-1.genset", AssetKind.GENERATOR, readings={"generator_power_w": 0.0})


def test_the_flow_diagram_of_a_battery_system() -> None:
    """Sources, inverter with its state, loads, PV on both sides and battery stand there with their
    figures; arrows point where power flows, and none where nothing does."""
    text = shown(asset("bess-1", readings=BESS), 80, GENSET, DC, AC)
    rows = text.splitlines()
    generator = next(row for row in rows if "GENERATOR" in row)
    assert "0.0 kW" in generator
    assert not set(generator) & set("→←")
    assert re.search(r"PV \(AC\) .*6\.1 kW .*→", text)
    assert re.search(r"PV \(DC\) .*3\.2 kW .*→", text)
    assert re.search(r"INVERTER .*48\.2 kW .*→ LOADS", text)
    assert "▲ 42.9 kW" in text  # what the inverter takes: battery and PV (DC) together
    assert "▲ 39.7 kW" in text
    assert "inverting" in text
    assert "71 %" in text
    assert "3 h 10 left" in text
    assert "limits 450 A in / 900 A out" in text
    assert "cells 3.231–3.246 V (15 mV apart)" in text
    assert "unbalance 11 %" in text
    assert "fed by inverter, no AC input" in text


def test_power_that_goes_the_other_way() -> None:
    """Fed into the grid, and into the battery: the arrows are turned."""
    view = asset("bess-1", readings={**BESS, "grid_power_w": -5_000.0, "battery_power_w": 8e3})
    text = shown(view, 80, DC)
    assert re.search(r"GRID .*-5\.0 kW.*←", text)
    assert "▼ 8.0 kW" in text


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("glyphs", [UNICODE, TTY])
def test_no_arrow_when_stale(cells: int, glyphs: Glyphs) -> None:
    """Of a system that is not live no arrow says where power flows, and each figure is in brackets;
    also when only the collector is silent."""
    stale = asset("bess-1", status=AssetStatus.STALE, readings=BESS, age_s=43)
    others = (
        asset("bess-1.mppt", AssetKind.PV, AssetStatus.STALE, {"pv_power_w": 3e3}, age_s=43),
        asset("bess-1.x", AssetKind.GENERATOR, AssetStatus.STALE, {"generator_power_w": 3e3}),
    )
    live = asset("bess-1", readings=BESS)
    for text in (
        shown(stale, cells, *others, glyphs=glyphs),
        shown(live, cells, DC, AC, stale_s=9.0, glyphs=glyphs),
    ):
        body = text.partition("COUNTS")[0]
        assert not set(body) & set("→←▲▼")
        assert "(48.2) kW" in body
        assert "(inverting)" in body
        assert "(71) %" in body


def test_a_stale_part_makes_its_flow_stale() -> None:
    """PV of which one unit is silent is shown as stale, without an arrow, though the system
    lives."""
    gone = asset("bess-1.m2", AssetKind.PV, AssetStatus.STALE,
                 {"pv_power_w": 1_000.0, "battery_voltage_v": 51.0})  # fmt: skip
    text = shown(asset("bess-1", readings=BESS), 80, DC, gone)
    row = next(row for row in text.splitlines() if row.lstrip().startswith("PV "))
    assert "(4.2) kW" in row
    assert "→" not in row


def test_an_inverter_that_is_not_on_says_so() -> None:
    """What it is set to stands beside its state unless it is simply on."""
    view = asset("bess-1", readings={**BESS, "inverter_mode": 1.0})
    assert "inverting, set to charger only" in shown(view)
    assert "set to" not in shown(asset("bess-1", readings=BESS))


def test_a_generator() -> None:
    """State in words, hours and starts, load against its rating, engine, fuel of its tank."""
    view = asset("bess-1.genset", AssetKind.GENERATOR, readings={
        "generator_state": 3.0, "generator_power_w": 46_353.0, "generator_run_s": 3_600_000.0,
        "generator_starts": 12.0, "engine_speed_rpm": 1799.0, "engine_load_pct": 58.0,
        "coolant_temperature_c": 83.0, "oil_pressure_kpa": 371.0,
    })  # fmt: skip
    view = msgspec.structs.replace(view, ratings={"rated_kw": 80.0})
    tank = asset("bess-1.tank", AssetKind.TANK, name="Diesel",
                 readings={"fuel_level_pct": 52.0, "fuel_remaining_l": 313.0})  # fmt: skip
    text = shown(view, 80, tank)
    for words in ("46.4 kW   running   1 000.0 h run   12 starts", "58 % of 80 kW", "1 799 rpm",
                  "83 °C", "371 kPa", "52 %  313 L"):  # fmt: skip
        assert words in text, words


def test_the_load_of_a_set_is_as_reports_have_it() -> None:
    """Of a plate in kVA: 0.8 × kVA is what the set may give; not so of an inverter."""
    for kind, key, words in (
        (AssetKind.GENERATOR, "generator_power_w", "63 % of 64 kW"),
        (AssetKind.PV, "pv_power_w", "51 % of 80 kVA"),
    ):
        view = asset("a", kind, readings={key: 40_400.0})
        assert words in shown(msgspec.structs.replace(view, ratings={"rated_kva": 80.0}))


def test_a_meter_has_its_phases_in_a_table() -> None:
    """L1 L2 L3 N and the whole side by side; voltages between phases; unbalance; distortion."""
    readings = dict.fromkeys(KIND_KEYS[AssetKind.LOAD], 1.0)
    readings |= {"load_power_w": 126_900.0, "load_power_w.L1": 42_000.0, "current_a.N": 12.5,
                 "current_a.L1": 30.0, "current_a.L2": 20.0, "current_a.L3": 10.0}  # fmt: skip
    text = shown(asset("a", AssetKind.LOAD, readings=readings))
    assert re.search(r"PHASES +L1 +L2 +L3 +N +total", text)
    assert re.search(r"load power kW +42\.0 +0\.0 +0\.0 +126\.9", text)
    assert re.search(r"current A +30\.0 +20\.0 +10\.0 +12\.5", text)
    assert "between phases V" in text
    assert "unbalance 50 %" in text
    assert re.search(r"voltage THD +1\.0 %", text)


def test_the_grid_says_which_way_it_goes() -> None:
    """In words, as the sign alone is easily missed."""
    for watts, words in ((18_000.0, "from the grid"), (-5_767.0, "into the grid")):
        assert words in shown(asset("g", AssetKind.GRID, readings={"grid_power_w": watts}))


def test_alarms_of_the_asset_stand_on_top() -> None:
    """Its own and those that it is a member of, with their age; not those of others."""
    view = asset("bess-1", readings=BESS)
    mine = alarm(asset="bess-1", severity=Severity.ALARM)
    group = alarm(asset="", id="b", members=("bess-1",), now="silent together")
    other = alarm(asset="bess-2", id="c", now="of another")
    shot = changed(snapshot(view), alarms=(mine, group, other))
    rows = shown(view, shot=shot).splitlines()
    assert "ALARM state of charge 14 %, limit 20 %" in rows[2]
    assert "30 min" in rows[2]
    assert "silent together" in rows[3]
    assert "of another" not in "".join(rows)


def test_an_alarm_that_is_over_says_so() -> None:
    """What was wrong stands below what is, as over, with how long ago that ended."""
    view = asset("bess-1", readings=BESS)
    over = alarm(
        asset="bess-1", state="cleared", cleared_ms=START_MS - 240_000, now="silent for 245 s"
    )
    on = alarm(asset="bess-1", id="b", state="acknowledged")
    shot = changed(snapshot(view), alarms=(over, on))
    rows = shown(view, shot=shot).splitlines()
    assert "▲ ALARM state of charge" in rows[2]
    assert "✓ ALARM over: silent for 245 s" in rows[3]
    assert "over for 4 min" in rows[3]


def test_silence_makes_the_panel_stale() -> None:
    """When the collector is silent the panel of a live asset is as stale as its row."""
    text = shown(asset("bess-1", readings=BESS), stale_s=9.0)
    assert "○ STALE 9 s" in text
    assert "the picture is 9 s old" in text


def test_old_values_have_their_age() -> None:
    """A value that was said a while ago stands with its age where it is listed."""
    view = asset("a", AssetKind.GENERATOR, readings={"generator_power_w": 1.0})
    old = Reading(83.0, Quality.GOOD, START_MS - 44_000)
    view = msgspec.structs.replace(view, readings={**view.readings, "coolant_temperature_c": old})
    assert re.search(r"coolant temperature +83 °C +44s", shown(view))


def test_nothing_heard_yet() -> None:
    """An asset without a reading says so instead of an empty page."""
    assert "Nothing has been heard of it yet." in shown(asset("a", status=AssetStatus.WAITING))


def test_an_asset_that_may_be_counted_twice() -> None:
    """Both of the two say which the other is."""
    twins = (Overlap(asset="a", other="b", since_ms=0),)
    doubtful = Total(quantity="load_power_w", value=9000.0, counted=("a", "b"), unverified=twins)
    shot = snapshot(totals={"load_power_w": doubtful})
    for name, other in (("a", "b"), ("b", "a")):
        said = text_of(counts_as(asset(name), shot, UNICODE, 120).all)
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
        name: text_of(counts_as(asset(name), shot, UNICODE, 80).all)
        for name in ("parent", "plain", "gone", "twin", "child", "stranger")
    }
    assert "load power: counts; 12.3 kW of it unmetered and losses" in said["parent"]
    assert "load power: counts\n" in said["plain"] + "\n"
    assert "left out now (the total is partial)" in said["gone"]
    assert "a check of parent, never added, deviates 2.3 %" in said["twin"]
    assert "a part of what parent measures" in said["child"]
    assert "load power" not in said["stranger"]


def test_what_a_device_says_beside_its_readings() -> None:
    """It stands below a head of its own, without the sign of what somebody should look at, and not
    among the hints of the list."""
    view = asset("a", remarks=("door: open", "Container: room 24 °C"))
    text = shown(view)
    assert "SAYS\ndoor: open\nContainer: room 24 °C" in re.sub(" *\n *", "\n", text)
    assert "NOTES" not in text
    assert "▲" not in text
    assert "▲ check CTs" in shown(asset("a", notes=("check CTs",)))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", [AssetKind.BESS, AssetKind.GENERATOR])
def test_hostile_words_on_a_panel(name: str, kind: AssetKind) -> None:
    """Names, reasons, links, notes and alarms of any content make lines of the panel's width
    without control bytes."""
    view = asset("a", kind, name=name, reason=name, links=(name,), notes=(name,), system=name)
    view = msgspec.structs.replace(view, remarks=(name,), readings={})
    others = [asset(f"a.{n}", k, name=name, system=name) for n, k in enumerate(AssetKind)]
    shot = changed(snapshot(view, *others), alarms=(alarm(asset="a", now=name, acked_by=name),))
    lit = msgspec.structs.replace(view, readings=asset("a", readings=BESS).readings)
    for each in (view, lit):
        lines = panel(each, shot, None, UNICODE, 60)
        text = text_of(lines).replace("\n", "")
        assert not any(ord(ch) < 32 or 127 <= ord(ch) < 160 for ch in text)
        assert max(width(line) for line in lines) <= 60


def test_nothing_is_cut_beside_the_table() -> None:
    """In the narrow panel all four phases stand within its width, and long words are wrapped."""
    view = asset("a", AssetKind.LOAD, readings=dict.fromkeys(KIND_KEYS[AssetKind.LOAD], 1234.5))
    view = msgspec.structs.replace(view, notes=("clamps look reversed on this meter " * 3,))
    check = Check(asset="a", of="the-main-stage-transformer", deviation_pct=2.34)
    totals = {"load_power_w": Total(quantity="load_power_w", value=1.0, checks=(check,))}
    lines = panel(view, snapshot(view, totals=totals), None, UNICODE, 58)
    assert max(width(line) for line in lines) <= 58
    assert "deviates 2.3 %" in " ".join(text_of(lines).split())
