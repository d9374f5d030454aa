"""The meters that a bill is made of: which, who feeds whom, and what each measured."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from collector.model.report.energy import FlowEnergy
from collector.model.report_input import AssetInput
from reporting.figures.clock import LocalClock
from reporting.figures.demand import windows
from reporting.figures.flows import flow_column
from reporting.measured.model import MINUTE_MS, Measured, Minutes
from reporting.worth.hours import DaySpan, days
from reporting.worth.ledger import FINE, POWER_OF, Batch, batches, evenly, reading_at
from reporting.worth.payers import Spell, Split, spells, split_of

LOAD = "load_energy_kwh"
WH = 1000


class Meter(Struct, frozen=True, kw_only=True):
    """One billed meter. `wh` is its energy of record in whole Wh (None: not known), `demand` the
    mean kW of its demand windows by their beginning; `sub` are billed meters behind it."""

    asset: AssetInput
    flow: str
    wh: int | None
    batches: Sequence[Batch]
    demand: Mapping[int, float]
    spells: Sequence[Spell]
    split: Split
    sub: Sequence["Meter"]
    units: str
    opening: int | None
    closing: int | None

    @property
    def billed(self) -> bool:
        """Whether anybody pays for it or for a part of it."""
        own = bool(self.split.shares) or any(spell.account for spell in self.spells)
        return own or any(sub.billed for sub in self.sub)


class Site(NamedTuple):
    """What all meters of a bill share."""

    zone: ZoneInfo
    from_ms: int
    to_ms: int
    window_ms: int
    days: Sequence[DaySpan]


def site_of(measured: Measured) -> Site:
    """The bill's time, in the event's zone."""
    inputs = measured.inputs
    zone = ZoneInfo(inputs.event.timezone)
    return Site(
        zone,
        inputs.from_ms,
        inputs.to_ms,
        inputs.event.terms.demand_window_min * MINUTE_MS,
        list(days(zone, inputs.from_ms, inputs.to_ms)),
    )


def meters(measured: Measured, site: Site) -> list[Meter]:
    """The meters that nothing billed feeds: all that count as load, and every other that somebody
    pays for. A sub-meter stands below the one that feeds it; those that nobody pays for, nor for
    any behind them, are left in the rest."""
    flows = [f for f in measured.energy.flows if not f.same_as and f.flow in POWER_OF]
    assets = {asset.id: asset for asset in measured.inputs.assets}
    known = {(f.asset, f.flow) for f in flows}
    tops = [f for f in flows if not f.behind or (f.behind, f.flow) not in known]
    main = _main_flows(measured)
    made = [
        _meter(measured, site, f, flows, assets)
        for f in tops
        if f.asset in assets and f.flow in (LOAD, main.get(f.asset))
    ]
    return [meter for meter in made if meter.flow == LOAD or meter.billed]


def _main_flows(measured: Measured) -> Mapping[str, str]:
    """Of each asset the energy that is billed where somebody pays for it: its load, else what it
    takes from the grid, else what it makes."""
    order = ("grid_import_kwh", "generator_energy_kwh", "pv_energy_kwh")
    found: dict[str, str] = {}
    for wanted in (LOAD, *order):
        for flow in measured.energy.flows:
            if flow.flow == wanted:
                found.setdefault(flow.asset, wanted)
    return found


def _meter(
    measured: Measured,
    site: Site,
    flow: FlowEnergy,
    flows: Sequence[FlowEnergy],
    assets: Mapping[str, AssetInput],
) -> Meter:
    asset = assets[flow.asset]
    behind = [f for f in flows if f.behind == flow.asset and f.flow == flow.flow]
    subs = [_meter(measured, site, f, flows, assets) for f in behind if f.asset in assets]
    said = [e for e in measured.evidence if e.asset == flow.asset and e.flow == flow.flow]
    power, sign = POWER_OF[flow.flow]
    minutes = measured.flow_of.get((flow.asset, power))
    wh = None if flow.kwh is None else max(0, round(flow.kwh * WH))
    ends = [e for e in said if e.own_opening_kwh is not None and e.own_closing_kwh is not None]
    return Meter(
        asset=asset,
        flow=flow.flow,
        wh=wh,
        batches=batches(measured, flow.asset, flow.flow) or _evenly(wh, site),
        demand={} if minutes is None else demand(measured.starts_ms, minutes, site, sign),
        spells=spells(measured.inputs, asset),
        split=split_of(measured.inputs.event.terms, flow.asset),
        sub=[sub for sub in subs if sub.billed],
        units=", ".join(dict.fromkeys(e.unit for e in said if e.unit)),
        opening=_wh(ends[0].own_opening_kwh) if ends else None,
        closing=_wh(ends[-1].own_closing_kwh) if ends else None,
    )


def reading(measured: Measured, meter: Meter, at_ms: int) -> int | None:
    """A meter's own total in Wh at a moment within the window."""
    rows = [row for t in measured.tracks if t.asset.id == meter.asset.id for row in t.rows]
    found = reading_at(rows, meter.flow, at_ms)
    return None if found is None else (found + 5) // 10


def demand(
    starts_ms: Sequence[int], minutes: Minutes, site: Site, sign: int = 1
) -> Mapping[int, float]:
    """The means (kW) of the demand windows that count, by their beginning."""
    column = flow_column(starts_ms, minutes, site.from_ms, site.to_ms)
    clock = LocalClock(site.zone.key, site.from_ms, site.to_ms)
    found = windows(column, clock, site.window_ms)
    return {window.from_ms: sign * window.mean / 10_000 for window in found}


def _evenly(wh: int | None, site: Site) -> Sequence[Batch]:
    """Energy of which nothing tells when it came: evenly over the whole time."""
    if not wh:
        return ()
    return (Batch(wh * FINE // WH, (evenly(site.from_ms, site.to_ms),)),)


def _wh(kwh: float | None) -> int | None:
    return None if kwh is None else round(kwh * WH)
