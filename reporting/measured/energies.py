"""From lines to flows of record: energies, what nobody metered, checks, totals, the balance."""

from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping, Sequence
from math import fsum

from msgspec import Struct

from collector.model.catalogue import ENERGIES
from collector.model.report.energy import Energy, FlowEnergy, Remainder
from collector.model.totals import DEVIATION_FLOOR_KWH, Group
from reporting.measured.corrections import FAMILIES
from reporting.measured.hybrid import STORED
from reporting.measured.metering import (
    WORK_PER_KWH,
    WORK_PER_QUANTUM,
    Chain,
    Line,
    class_pct,
    kwh,
    part_of,
)
from reporting.measured.plan import Epoch
from reporting.measured.rises import risen
from reporting.measured.rows import as_rows
from reporting.measured.stored import Stored
from reporting.rounding import kwh as rounded_kwh
from reporting.rounding import percent

FIELDS: Mapping[str, str] = {
    "load_energy_kwh": "load_kwh",
    "grid_import_kwh": "grid_import_kwh",
    "grid_export_kwh": "grid_export_kwh",
    "generator_energy_kwh": "generator_kwh",
    "pv_energy_kwh": "pv_kwh",
    "battery_charged_kwh": "charged_kwh",
    "battery_discharged_kwh": "discharged_kwh",
}
"""The field of `Energy` that has the total of each energy."""
INTO = ("grid_import_kwh", "generator_energy_kwh", "pv_energy_kwh", "battery_discharged_kwh")
OUT_OF = ("grid_export_kwh", "battery_charged_kwh")

Key = tuple[str, str]
"""An asset and an energy."""


class Totals(Struct, frozen=True, kw_only=True):
    """The totals of each energy, in `WORK`, over what is known; `partial` lacks a flow of record
    of which nothing is known. `uncertainty` None: nobody can say; that of the `unclassed` leaves
    the error of a meter out, as its class is not known. `inside` is the part of `work` that flowed
    behind the register of a hybrid inverter, which has it already (`reporting.measured.hybrid`)."""

    work: Mapping[str, int]
    uncertainty: Mapping[str, int | None]
    partial: frozenset[str]
    unclassed: frozenset[str] = frozenset()
    inside: Mapping[str, int] = {}

    def crossed(self, energy: str) -> int:
        """What of an energy no other one has in it already."""
        return self.work.get(energy, 0) - self.inside.get(energy, 0)

    def balance(self) -> int:
        """What came in less what went out, but for the load."""
        came_in = sum(self.crossed(energy) for energy in INTO)
        return came_in - sum(self.crossed(energy) for energy in OUT_OF)


def between(line: Line, chain: Chain, from_ms: int, to_ms: int) -> int | None:
    """The energy of a line in a part of its time, in `WORK`."""
    start, end = max(from_ms, line.track.from_ms), min(to_ms, line.track.to_ms)
    if (start, end) == (line.track.from_ms, line.track.to_ms):
        return line.work
    if line.work is None or start >= end:
        return None
    power = as_rows(line.track.rows).gauged(FAMILIES[line.energy])
    own = slice(bisect_left(power.from_ms, start), bisect_left(power.from_ms, end))
    parts = part_of(power, line.energy)[own]
    if line.method == "integral":
        return sum(parts)
    came = risen(chain.rises, start, end)
    left = sum(parts[at] for at in chain.unknown(power.from_ms[own], power.to_ms[own]))
    return (0 if came is None else came.quanta * WORK_PER_QUANTUM) + left


def totals(
    lines: Mapping[Key, Sequence[Line]],
    chains: Mapping[Key, Chain],
    plan: Sequence[Epoch],
    stores: Container[str] = (),
) -> Totals:
    """Each energy over its flows of record, each counted once in each epoch. `stores` are the
    batteries of hybrid inverters."""
    work: dict[str, int] = {}
    inside: dict[str, int] = {}
    doubt: dict[str, int | None] = {}
    partial: set[str] = set()
    unclassed: set[str] = set()
    for energy in ENERGIES:
        for epoch in plan:
            for asset in epoch.counted(energy):
                key = (asset, energy)
                for line in lines.get(key, ()):
                    if line.track.from_ms >= epoch.to_ms or line.track.to_ms <= epoch.from_ms:
                        continue
                    came = between(line, chains[key], epoch.from_ms, epoch.to_ms)
                    if came is None:
                        partial.add(energy)
                        continue
                    work[energy] = work.get(energy, 0) + came
                    if asset in stores and FAMILIES[energy] == STORED:
                        inside[energy] = inside.get(energy, 0) + came
                    if class_pct(line.track.asset.accuracy_class) is None:
                        unclassed.add(energy)
        doubt[energy] = _doubt(energy, lines, plan)
    return Totals(
        work=work,
        uncertainty={energy: doubt[energy] for energy in work},
        partial=frozenset(partial),
        inside=inside,
        unclassed=frozenset(unclassed),
    )


def _doubt(energy: str, lines: Mapping[Key, Sequence[Line]], plan: Sequence[Epoch]) -> int | None:
    """The sum of the uncertainties of all flows that count at any time."""
    found = 0
    for asset in sorted({name for epoch in plan for name in epoch.counted(energy)}):
        for line in lines.get((asset, energy), ()):
            if line.uncertainty is None:
                return None
            found += line.uncertainty
    return found


def flow_energies(
    lines: Mapping[Key, Sequence[Line]],
    plan: Sequence[Epoch],
    deviations: Mapping[tuple[str, str, str], float | None],
) -> list[FlowEnergy]:
    """Every flow that was measured: those of record, their checks, the parts of others."""
    found = []
    for (asset, energy), some in sorted(lines.items(), key=lambda one: (_rank(one[0][1]), one[0])):
        groups = [group for epoch in plan for group in epoch.groups.get(energy, ())]
        head = next((group for group in groups if asset in group.checks), None)
        own = next((group for group in groups if group.asset == asset), None)
        if head is None and own is None:
            continue
        same_as = head.asset if head is not None else ""
        works = [line.work for line in some if line.work is not None]
        doubts = [line.uncertainty for line in some]
        found.append(
            FlowEnergy(
                asset=asset,
                name=some[-1].track.asset.name or asset,
                flow=energy,
                kwh=rounded_kwh(kwh(sum(works))) if works else None,
                gap_kwh=rounded_kwh(kwh(sum(line.in_gaps for line in some))) if works else None,
                uncertainty_kwh=_sum_of(doubts),
                counted=any(g.asset == asset and g.parent is None for g in groups),
                same_as=same_as,
                behind=(own.parent or "") if own is not None else "",
                deviation_pct=percent(deviations.get((asset, same_as, energy))),
            )
        )
    return found


def _sum_of(works: Iterable[int | None]) -> float | None:
    found = list(works)
    known = [work for work in found if work is not None]
    return rounded_kwh(kwh(sum(known))) if known and len(known) == len(found) else None


def _rank(energy: str) -> int:
    return ENERGIES.index(energy)


def deviation(lines: Sequence[Line], of: Sequence[Line]) -> float | None:
    """By how much per cent one flow's energy is above another's; None where either is not known or
    the other is below 5 kWh, where per cents say nothing."""
    ours, reference = _known(lines), _known(of)
    if ours is None or reference is None or abs(reference) < DEVIATION_FLOOR_KWH * WORK_PER_KWH:
        return None
    return (ours - reference) / abs(reference) * 100


def _known(lines: Sequence[Line]) -> int | None:
    works = [line.work for line in lines]
    known = [work for work in works if work is not None]
    return sum(known) if known and len(known) == len(works) else None


def remainders(
    lines: Mapping[Key, Sequence[Line]], chains: Mapping[Key, Chain], plan: Sequence[Epoch]
) -> list[Remainder]:
    """What each parent has beyond the flows that it feeds."""
    found: dict[tuple[str, str], tuple[set[str], int | None]] = {}
    for epoch in plan:
        for energy, groups in epoch.groups.items():
            if energy not in ENERGIES:
                continue
            for parent, children in _children(groups).items():
                left = _left(lines, chains, energy, parent, children, epoch)
                names, before = found.get((energy, parent), (set(), 0))
                both = None if left is None or before is None else before + left
                found[energy, parent] = (names | set(children), both)
    return [
        Remainder(
            parent=parent,
            children=tuple(sorted(names)),
            flow=energy,
            kwh=rounded_kwh(kwh(work)),
        )
        for (energy, parent), (names, work) in sorted(found.items())
    ]


def _children(groups: Iterable[Group]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        if group.parent is not None:
            found.setdefault(group.parent, []).append(group.asset)
    return found


def _left(
    lines: Mapping[Key, Sequence[Line]],
    chains: Mapping[Key, Chain],
    energy: str,
    parent: str,
    children: Sequence[str],
    epoch: Epoch,
) -> int | None:
    def of(asset: str) -> int | None:
        key = (asset, energy)
        parts = [
            between(line, chains[key], epoch.from_ms, epoch.to_ms)
            for line in lines.get(key, ())
            if line.track.from_ms < epoch.to_ms and line.track.to_ms > epoch.from_ms
        ]
        known = [part for part in parts if part is not None]
        return sum(known) if known and len(known) == len(parts) else None

    whole = of(parent)
    parts = [of(child) for child in children]
    known = [part for part in parts if part is not None]
    if whole is None or len(known) < len(parts):
        return None
    return whole - sum(known)


def energy_of(
    found: Totals,
    flows: Sequence[FlowEnergy],
    left: Sequence[Remainder],
    stored: Stored,
    *,
    derived: bool,
) -> Energy:
    """`Energy` with its balance: what came in (grid, generator, pv, discharge) less what went out
    (load, charge, export). The residual is measuring errors and what is lost between the meters;
    in per cent of what came in. Batteries lose charge − discharge − what they hold more."""
    values = {FIELDS[energy]: rounded_kwh(kwh(found.work.get(energy))) for energy in ENERGIES}
    doubts = {FIELDS[energy]: rounded_kwh(kwh(found.uncertainty[energy])) for energy in found.work}
    residual = None if derived else _residual(found)
    came_in = sum(found.crossed(energy) for energy in INTO)
    losses = None
    if stored.start_kwh is not None and stored.end_kwh is not None:
        charged, out = (found.work.get(f"battery_{way}_kwh") for way in ("charged", "discharged"))
        if charged is not None and out is not None:
            more = stored.end_kwh - stored.start_kwh
            losses = fsum((charged / WORK_PER_KWH, -out / WORK_PER_KWH, -more))
    return Energy(
        **values,
        uncertainty=doubts,
        stored_start_kwh=rounded_kwh(stored.start_kwh),
        stored_end_kwh=rounded_kwh(stored.end_kwh),
        battery_losses_kwh=rounded_kwh(losses),
        residual_kwh=rounded_kwh(kwh(residual)),
        residual_pct=percent(100 * residual / came_in)
        if residual is not None and came_in
        else None,
        flows=tuple(flows),
        remainders=tuple(left),
        class_unknown=tuple(FIELDS[energy] for energy in ENERGIES if energy in found.unclassed),
    )


def _residual(found: Totals) -> int | None:
    """None where the load or all sources are not known, or one of them is not known in part."""
    work = found.work
    if "load_energy_kwh" not in work or not any(energy in work for energy in INTO):
        return None
    if found.partial:
        return None
    return found.balance() - work["load_energy_kwh"]


def with_derived_load(found: Totals) -> Totals | None:
    """The totals with a load that nobody metered, by the balance: what came from generators and the
    grid, and what else came and went. None where it is metered, or nothing feeds it."""
    work = found.work
    feeding = ("generator_energy_kwh", "grid_import_kwh")
    if "load_energy_kwh" in work or not any(energy in work for energy in feeding):
        return None
    if found.partial:
        return None
    doubts = [found.uncertainty.get(energy) for energy in work]
    known = [doubt for doubt in doubts if doubt is not None]
    return Totals(
        work={**work, "load_energy_kwh": found.balance()},
        uncertainty={
            **found.uncertainty,
            "load_energy_kwh": sum(known) if len(known) == len(doubts) else None,
        },
        partial=found.partial,
        unclassed=found.unclassed | ({"load_energy_kwh"} if found.unclassed else frozenset()),
        inside=found.inside,
    )
