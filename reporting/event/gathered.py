"""One walk over the parts: what each adds to the event's powers and energies."""

from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import groupby
from math import fsum
from typing import NamedTuple

from collector.model.report.quality import Gap, Note
from reporting.event.combined import LOAD, POWERS, Sum, Window, counting, share
from reporting.event.parts import BadPart, Part
from reporting.event.plan import Key, Place, Plan, Stretch
from reporting.event.spread import POWER_OF, Spread, cut
from reporting.measured.model import Minutes
from reporting.profile import ProfileTable
from reporting.profile.columns import BY_BALANCE

GENERATOR = "generator_power_w"
EMPTY = ProfileTable(starts_ms=(), window_ms=(), flows={})


class System(NamedTuple):
    """What one system, over all its participations, has of the event's load."""

    name: str
    peak_kw: float | None
    good_ms: int
    due_ms: int


class Gathered(NamedTuple):
    """`energies`: kWh that count, by flow; `by_day` the same for each of the days that were asked
    for; `remainders`: what a parent has beyond what is behind it, over the time in which that was
    measured too. `load_kw` has for each part its counting load by minute (NaN: not seen), from
    `first` on."""

    powers: Mapping[str, Sum]
    rest: Mapping[str, Sum]
    sets: Mapping[tuple[int, str], Minutes]
    energies: Mapping[Key, float]
    by_day: tuple[Mapping[Key, float], ...]
    remainders: Mapping[tuple[Key, tuple[Key, ...]], float]
    systems: tuple[System, ...]
    load_kw: "tuple[tuple[int, array[float]], ...]"
    notes: tuple[Note, ...]


class _Walk:
    """The sums while the parts go by."""

    def __init__(
        self, plan: Plan, window: Window, days: Sequence[Stretch], apart: Container[int]
    ) -> None:
        self.apart = apart
        self.rest: dict[str, Sum] = {}
        self.sets: dict[tuple[int, str], Minutes] = {}
        self.plan = plan
        self.window = window
        self.days = days
        self.powers: dict[str, Sum] = {}
        self.energies: dict[Key, float] = {}
        self.by_day: list[dict[Key, float]] = [{} for _ in days]
        self.behind: dict[Stretch, dict[Key, float]] = {}
        self.load_kw: list[tuple[int, array[float]]] = []
        self.notes: list[Note] = []
        self._wanted = _wanted(plan)

    def part(self, index: int, part: Part, system: Sum) -> None:
        """Add one part; its load to that of its system too."""
        try:
            table = part.profile()
        except BadPart as why:
            table = EMPTY
            text = f"The minutes of {part.name} cannot be read ({why}): only its energies count."
            self.notes.append(Note(code="no-profile", level="warning", about=part.name, text=text))
        own = Sum(Window(part.report.head.from_ms, part.report.head.to_ms))
        for power in POWERS:
            for asset, place in counting(self.plan, index, power).items():
                adds = share(table, table.flows.get((asset, power)), place)
                sums = [self.powers.setdefault(power, Sum(self.window))]
                if index in self.apart:
                    sums.append(self.rest.setdefault(power, Sum(self.window)))
                if power == LOAD:
                    sums += [own, system]
                if power == GENERATOR:
                    sums.append(Sum(self.window))
                for one in sums:
                    one.add(adds)
                if power == GENERATOR:
                    self.sets[index, asset] = sums[-1].minutes()
        self.load_kw.append((own.first_ms, own.means()))
        for key, place in self.plan.places[index].items():
            if place.owned:
                self._energy(key, place, part, table)

    def _energy(self, key: Key, place: Place, part: Part, table: ProfileTable) -> None:
        spread = _spread(key, place, part, table)
        if place.counts:
            self.energies[key] = spread.during(place.counts)
            for number, day in enumerate(self.days):
                stretches = cut(place.counts, day.from_ms, day.to_ms)
                if stretches:
                    self.by_day[number][key] = spread.during(stretches)
        for stretch in self._wanted.get(key, ()):
            self.behind.setdefault(stretch, {})[key] = spread.during([stretch])


def gather(
    parts: Sequence[Part],
    plan: Plan,
    window: Window,
    days: Sequence[Stretch],
    apart: Container[int] = (),
) -> Gathered:
    """What the parts, in order, add to the event; those in `apart` also to a sum of their own."""
    walk = _Walk(plan, window, days, apart)
    systems = []
    numbered = enumerate(parts)
    for name, of_system in groupby(numbered, key=lambda one: one[1].name):
        load = Sum(window)
        for index, part in of_system:
            walk.part(index, part, load)
        systems.append(System(name, load.peak_kw(), load.good_ms, load.due_ms))
    return Gathered(
        powers=walk.powers,
        rest=walk.rest,
        sets=walk.sets,
        energies=walk.energies,
        by_day=tuple(walk.by_day),
        remainders=_remainders(plan, walk.behind),
        systems=tuple(systems),
        load_kw=tuple(walk.load_kw),
        notes=tuple(walk.notes),
    )


def _wanted(plan: Plan) -> Mapping[Key, tuple[Stretch, ...]]:
    """The stretches in which a flow is a parent or a part, for each such flow."""
    found: dict[Key, dict[Stretch, None]] = {}
    for one in plan.behind:
        found.setdefault(one.child, {})[one.during] = None
        found.setdefault(one.parent, {})[one.during] = None
    return {key: tuple(stretches) for key, stretches in found.items()}


def _remainders(
    plan: Plan, energies: Mapping[Stretch, Mapping[Key, float]]
) -> Mapping[tuple[Key, tuple[Key, ...]], float]:
    children: dict[tuple[Stretch, Key], list[Key]] = {}
    for one in plan.behind:
        children.setdefault((one.during, one.parent), []).append(one.child)
    parts: dict[tuple[Key, tuple[Key, ...]], list[float]] = {}
    for (during, parent), below in children.items():
        known = energies.get(during, {})
        if parent in known and all(child in known for child in below):
            value = known[parent] - fsum(known[child] for child in below)
            parts.setdefault((parent, tuple(sorted(below))), []).append(value)
    return {key: fsum(values) for key, values in parts.items()}


def _spread(key: Key, place: Place, part: Part, table: ProfileTable) -> Spread:
    kwh = fsum(
        flow.kwh or 0.0
        for flow in part.report.energy.flows
        if flow.asset == key.asset and flow.flow == key.energy
    )
    if key.asset == BY_BALANCE:
        kwh = part.report.energy.load_kwh or 0.0
    power, _ = POWER_OF[key.energy]
    flow = table.flows.get((key.asset, power))
    return Spread(kwh, place.owned, table, flow, key.energy, _gaps(part, key))


def _gaps(part: Part, key: Key) -> Iterable[Gap]:
    """The gaps of a flow in which its counter rose; of a power's name are those of its positive
    side (`reporting.figures.days`)."""
    power, sign = POWER_OF[key.energy]
    names = (key.energy, power) if sign > 0 else (key.energy,)
    return [
        gap
        for gap in part.report.quality.gaps
        if gap.asset == key.asset and gap.flow in names and gap.gap_kwh and gap.gap_kwh > 0
    ]
