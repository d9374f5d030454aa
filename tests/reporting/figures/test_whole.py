"""All figures together: impossible inputs, the same bytes, cutting changes nothing."""

import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.rollup import Rollup
from reporting.figures import Figures, figures
from reporting.measured.model import Measured
from tests.reporting.figures.making import DAY, HOUR, MINUTE, T0, measured, minutes, row, track

W, GEN, PV, BATT, SOC = (
    "load_power_w",
    "generator_power_w",
    "pv_power_w",
    "battery_power_w",
    "battery_soc_pct",
)
LOAD, BESS, GENERATOR, TANK = AssetKind.LOAD, AssetKind.BESS, AssetKind.GENERATOR, AssetKind.TANK


def counters_only() -> Measured:
    """A meter whose register is all that was read."""
    rows = [row(T0 + i * MINUTE, {}, counters={"load_energy_kwh": (i, i + 1)}) for i in range(99)]
    return measured(track(rows), energies={"load_kwh": 99.0})


IMPOSSIBLE = {
    "no assets": measured(from_ms=T0, to_ms=T0 + HOUR),
    "no length": measured(from_ms=T0, to_ms=T0),
    "no length with a set": measured(
        track([], GENERATOR, from_ms=T0, to_ms=T0), from_ms=T0, to_ms=T0
    ),
    "no rows": measured(
        *(track([], kind, from_ms=T0, to_ms=T0 + HOUR) for kind in AssetKind),
        from_ms=T0,
        to_ms=T0 + HOUR,
    ),
    "counters only": counters_only(),
    "power only": measured(track(minutes(90, lambda i: {W: 100.0 * i}))),
    "one phase": measured(
        track(minutes(90, lambda _: {W: 900, "voltage_v.L1": 230, "current_a.L1": 4}))
    ),
    "generator only, nothing known of it": measured(
        track(minutes(90, lambda _: {GEN: 900}, run_ms=MINUTE), GENERATOR)
    ),
    "a state of charge only": measured(track(minutes(90, lambda _: {SOC: 50}), BESS)),
    "a tank only": measured(track(minutes(90, lambda _: {"fuel_remaining_l": 50}), TANK)),
    "one second": measured(track([row(T0 + 500, {W: 100}, to_ms=T0 + 1500)])),
    "a load that is nought": measured(track(minutes(90, lambda _: {W: 0, BATT: 0}), BESS)),
    "a load that feeds back": measured(track(minutes(90, lambda _: {W: -500}))),
    "a generator that takes power": measured(
        track(minutes(90, lambda _: {GEN: -900}, run_ms=MINUTE), GENERATOR, rated_kw=60)
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_inputs_give_figures_and_no_made_up_number(name):
    """Whatever is not None is finite and within its bounds, and what is missing has a note."""
    found = figures(IMPOSSIBLE[name])
    _check(msgspec.to_builtins(found), name)
    if found.load.average_kw is None:
        assert {n.code for n in found.notes} & {"no-load", "no-load-power"}
    assert all(note.text for note in found.notes)
    assert len(found.series.duration_kw) in (0, 101)


def _check(value: object, where: str) -> None:
    """Shares are no more than a whole; energies, times and litres are not negative."""
    if isinstance(value, dict):
        for key, one in value.items():
            _check(one, f"{where}.{key}")
            if isinstance(one, int | float) and not isinstance(one, bool):
                assert one == one, where
                assert abs(one) < 1e15
                if key in ("share_pct", "efficiency_pct", "coverage_pct", "renewable_pct"):
                    assert 0 <= one <= 100, f"{where}.{key}"
                if key.endswith(("_h", "_l", "hours", "_min", "kva")):
                    assert one >= 0, f"{where}.{key}"
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            _check(one, f"{where}[{index}]")


def test_what_nobody_measured_is_none_and_not_nought():
    """A generator alone says nothing of load, grid, PV and battery."""
    found = figures(IMPOSSIBLE["generator only, nothing known of it"])
    assert found.load.kwh is None
    assert found.batteries == ()
    (day,) = found.days
    assert (day.load_kwh, day.grid_kwh, day.pv_kwh, day.battery_kwh) == (None,) * 4
    assert day.generator_kwh == 1.35
    assert day.fuel_l is None


def _values(i: int) -> dict[str, float]:
    """A stage on a battery and a generator, in a minute of the day."""
    charging = i % 97 < 40
    return {
        W: 20_000.0 + i % 13 * 1000,
        GEN: 45_000.0 if charging else 0.0,
        BATT: 20_000.0 if charging else -21_000.0,
        SOC: 10.0 + i % 97 / 3,
        "current_a.L1": 30.0,
        "current_a.L2": 20.0 + i % 5,
        "current_a.L3": 25.0,
        "voltage_v.L1": 230.0 + i % 3,
        "frequency_hz": 50.0,
    }


def _ran(i: int) -> int | None:
    return MINUTE if _values(i)[GEN] else None


def _whole(rows: list[Rollup]) -> Measured:
    return measured(
        track(rows, BESS, battery_kwh=120, rated_kw=60, inverter_kva=50), zone="Asia/Kathmandu"
    )


def test_the_same_input_gives_the_same_bytes():
    """Also in another order of tracks' making."""
    rows = [row(T0 + i * MINUTE, _values(i), run_ms=_ran(i)) for i in range(600)]
    first = msgspec.json.encode(figures(_whole(rows)))
    assert first == msgspec.json.encode(figures(_whole(list(rows))))
    assert msgspec.json.decode(first, type=Figures) == figures(_whole(rows))


def test_how_rows_were_cut_changes_no_figure():
    """Each minute in up to four pieces, at whole seconds, each holding what the minute held."""
    random.seed(5)
    whole, cut = [], []
    for i in range(400):
        at = T0 + i * MINUTE
        whole.append(row(at, _values(i), run_ms=_ran(i)))
        cuts = sorted({at, at + MINUTE, *(at + 1000 * random.randrange(60) for _ in range(3))})
        for begin, end in pairwise(cuts):
            ran = end - begin if _ran(i) else None
            cut.append(row(begin, _values(i), to_ms=end, run_ms=ran))
    assert figures(_whole(cut)) == figures(_whole(whole))


@settings(max_examples=10)
@given(at_s=st.integers(1, 400 * 60 - 1))
def test_two_adjoining_windows_sum_to_the_whole(at_s):
    """Cut anywhere, within a minute too: energies, hours, litres, time below 20 %, throughput."""
    cut = T0 + 1000 * at_s
    parts: tuple[list[Rollup], list[Rollup]] = ([], [])
    whole = []
    for i in range(400):
        at, end = T0 + i * MINUTE, T0 + (i + 1) * MINUTE
        whole.append(row(at, _values(i), run_ms=_ran(i)))
        for begin, stop, side in ((at, min(end, cut), 0), (max(at, cut), end, 1)):
            if begin < stop:
                ran = stop - begin if _ran(i) else None
                parts[side].append(row(begin, _values(i), to_ms=stop, run_ms=ran))
    sums = [0.0] * 6
    for rows in parts:
        sums = [a + b for a, b in zip(sums, _sums(figures(_whole(rows))), strict=True)]
    assert sums == pytest.approx(_sums(figures(_whole(whole))), abs=0.02)


def _sums(found: Figures) -> list[float]:
    (battery,) = found.batteries
    known = [
        found.load.kwh,
        battery.charged_kwh,
        battery.discharged_kwh,
        battery.below_20_h,
        sum(one.hours or 0 for one in found.generators),
        sum(one.kwh or 0 for one in found.generators),
    ]
    return [one for one in known if one is not None]


def test_400_days():
    """Of which every twentieth was seen, at 10 kW: 20 × 240 kWh, a load factor of 1. Buckets stay
    few."""
    rows = [
        r for d in range(0, 400, 20) for r in minutes(1440, lambda _: {W: 10_000}, T0 + d * DAY)
    ]
    found = figures(measured(track(rows), to_ms=T0 + 400 * DAY, zone="America/Los_Angeles"))
    assert found.load.kwh == 4800.0
    assert found.load.load_factor == 1.0
    assert found.series.profile is not None
    assert len(found.series.profile.load_kw) <= 481
    assert len(found.days) == 401
    assert found.days[-1].to_ms == T0 + 400 * DAY
