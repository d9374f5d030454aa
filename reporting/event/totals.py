"""The event's energies and balance, each flow counted once."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import fsum

from collector.model.catalogue import ENERGIES
from collector.model.report.energy import Energy, Remainder
from collector.model.report.event import EventFlow
from reporting.event.gathered import Gathered
from reporting.event.parts import Part
from reporting.event.places import Key, Plan
from reporting.measured.energies import FIELDS
from reporting.measured.metering import class_pct
from reporting.profile.columns import BY_BALANCE
from reporting.rounding import kwh, percent


def energy(parts: Sequence[Part], gathered: Gathered) -> Energy:
    """The totals of what counts.

    - uncertainty: the sum of the flows' own, in the share that counts: the most that it can be, as
      errors of like meters go the same way;
    - stored energy: at the beginning of each system's first time and, at the end, that plus what
      it gained in each of its times, so that what it did while away is no part of the event;
    - balance: the sum of the systems' residuals, for only within a system is it known what feeds
      what; per cent of what flowed into those systems.
    """
    totals = {name: _total(gathered, name) for name in ENERGIES}
    stored_start, stored_end = _stored(parts)
    return Energy(
        load_kwh=kwh(totals["load_energy_kwh"]),
        grid_import_kwh=kwh(totals["grid_import_kwh"]),
        grid_export_kwh=kwh(totals["grid_export_kwh"]),
        generator_kwh=kwh(totals["generator_energy_kwh"]),
        pv_kwh=kwh(totals["pv_energy_kwh"]),
        charged_kwh=kwh(totals["battery_charged_kwh"]),
        discharged_kwh=kwh(totals["battery_discharged_kwh"]),
        uncertainty={
            FIELDS[name]: kwh(_uncertainty(parts, gathered, name))
            for name in ENERGIES
            if totals[name] is not None
        },
        stored_start_kwh=kwh(stored_start),
        stored_end_kwh=kwh(stored_end),
        battery_losses_kwh=kwh(_sum(part.report.energy.battery_losses_kwh for part in parts)),
        residual_kwh=kwh(_sum(part.report.energy.residual_kwh for part in parts)),
        residual_pct=percent(_residual_pct(parts)),
        remainders=tuple(
            Remainder(
                parent=_name(parts, parent),
                children=tuple(_name(parts, child) for child in children),
                flow=parent.energy,
                kwh=kwh(value),
            )
            for (parent, children), value in sorted(gathered.remainders.items())
        ),
        class_unknown=_class_unknown(parts, gathered),
    )


def flows(parts: Sequence[Part], plan: Plan, gathered: Gathered) -> tuple[EventFlow, ...]:
    """Every flow with its place in the totals, by participation, asset and energy."""
    found = []
    for part, places in zip(parts, plan.places, strict=True):
        for key in sorted(places):
            place = places[key]
            found.append(
                EventFlow(
                    node=part.ref.node,
                    system=part.ref.system,
                    report=part.ref.report,
                    asset=key.asset,
                    flow=key.energy,
                    kwh=kwh(recorded(part, key)),
                    counted_kwh=kwh(gathered.energies.get(key, 0.0)),
                    same_as=place.same_as,
                    behind=place.behind,
                )
            )
    return tuple(found)


def recorded(part: Part, key: Key) -> float | None:
    """The energy of record of one flow of a part."""
    if key.asset == BY_BALANCE:
        return part.report.energy.load_kwh
    return _sum(
        flow.kwh
        for flow in part.report.energy.flows
        if flow.asset == key.asset and flow.flow == key.energy
    )


def counted(gathered: Gathered, part: int, name: str) -> float | None:
    """What of one part's energy is in the event's total; None where the part knows none."""
    return _sum(kwh for key, kwh in gathered.energies.items() if key[0::2] == (part, name))


def _total(gathered: Gathered, name: str) -> float | None:
    return _sum(value for key, value in gathered.energies.items() if key.energy == name)


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return fsum(known) if known else None


def _uncertainty(parts: Sequence[Part], gathered: Gathered, name: str) -> float | None:
    found = []
    for key, value in gathered.energies.items():
        if key.energy != name:
            continue
        part = parts[key.part]
        if key in gathered.made_of:
            own = _all(_own(parts, one) for one in gathered.made_of[key])
            whole: float | None = value
        elif key.asset == BY_BALANCE:
            own = part.report.energy.uncertainty.get(FIELDS[name])
            whole = value
        else:
            own, whole = _own(parts, key), recorded(part, key)
        if own is None:
            return None
        found.append(own * (value / whole if whole else 1.0))
    return fsum(found)


def _own(parts: Sequence[Part], key: Key) -> float | None:
    """The uncertainty of a flow in its part's report."""
    return _sum(
        flow.uncertainty_kwh
        for flow in parts[key.part].report.energy.flows
        if flow.asset == key.asset and flow.flow == key.energy
    )


def _all(values: Iterable[float | None]) -> float | None:
    """The sum; None when one of them is not known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return fsum(known) if len(known) == len(found) else None


def _class_unknown(parts: Sequence[Part], gathered: Gathered) -> tuple[str, ...]:
    """The totals in which a meter of no known accuracy class counts."""
    found = {
        key.energy
        for key in gathered.energies
        if any(_unclassed(parts, one) for one in gathered.made_of.get(key, (key,)))
    }
    return tuple(FIELDS[energy] for energy in ENERGIES if energy in found)


def _unclassed(parts: Sequence[Part], key: Key) -> bool:
    report = parts[key.part].report
    if key.asset == BY_BALANCE:
        return FIELDS[key.energy] in report.energy.class_unknown
    return any(
        class_pct(one.accuracy_class) is None
        for one in report.evidence
        if (one.asset, one.flow) == (key.asset, key.energy)
    )


def _stored(parts: Sequence[Part]) -> tuple[float | None, float | None]:
    """Of all batteries; None where one that was used does not say."""
    starts, gains = [], []
    for _, of_system in groupby(parts, key=lambda part: part.name):
        first = True
        for part in of_system:
            energies = part.report.energy
            start, end = energies.stored_start_kwh, energies.stored_end_kwh
            if start is None or end is None:
                if energies.charged_kwh or energies.discharged_kwh:
                    return None, None
                continue
            if first:
                starts.append(start)
            first = False
            gains.append(end - start)
    if not starts:
        return None, None
    return fsum(starts), fsum([*starts, *gains])


def _residual_pct(parts: Sequence[Part]) -> float | None:
    known = [part.report.energy for part in parts if part.report.energy.residual_kwh is not None]
    supplied = fsum(
        value or 0.0
        for one in known
        for value in (one.grid_import_kwh, one.generator_kwh, one.pv_kwh, one.discharged_kwh)
    )
    if supplied <= 0:
        return None
    return 100 * fsum(one.residual_kwh or 0.0 for one in known) / supplied


def _name(parts: Sequence[Part], key: Key) -> str:
    part = parts[key.part]
    return f"{part.name if key.asset == BY_BALANCE else part.ref.node}/{key.asset}"
