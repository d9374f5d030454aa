"""One walk over the parts: what each adds to the event's powers and energies."""

from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.report.quality import Note
from reporting.event.combined import LOAD, POWERS, Sum, Window, counting, share
from reporting.event.parts import BadPart, Part
from reporting.event.places import Balance, Key, Place, Plan, Stretch
from reporting.event.spread import EMPTY, cut, spread_of
from reporting.event.together import Together
from reporting.measured.model import Minutes
from reporting.profile import ProfileTable

GENERATOR = "generator_power_w"


class System(NamedTuple):
    """What one system, over all its participations, has of the event's load."""

    name: str
    peak_kw: float | None
    good_ms: int
    due_ms: int


class Gathered(NamedTuple):
    """`energies`: kWh that count, by flow; `by_day` the same for each of the days that were asked
    for; `made_of`: the flows that a load by balance is made of, where it is that of several parts
    together; `remainders`: what a parent has beyond what is behind it, over the time in which that
    was measured too, and a balance beyond the metered loads. `load_kw` has for each part its
    counting load by minute (NaN: not seen), from `first` on."""

    powers: Mapping[str, Sum]
    rest: Mapping[str, Sum]
    sets: Mapping[tuple[int, str], Minutes]
    energies: Mapping[Key, float]
    made_of: Mapping[Key, tuple[Key, ...]]
    by_day: tuple[Mapping[Key, float], ...]
    remainders: Mapping[tuple[Key, tuple[Key, ...]], float]
    systems: tuple[System, ...]
    load_kw: "tuple[tuple[int, array[float]], ...]"
    notes: tuple[Note, ...]


class Group(NamedTuple):
    """Parts whose powers and energies are added up: in order, with their plan; `days` as asked for
    in `Gathered`; those in `apart` are also in a sum of their own."""

    parts: Sequence[Part]
    plan: Plan
    days: Sequence[Stretch] = ()
    apart: Container[int] = ()


class _Walk:
    """The sums of a group while its parts go by."""

    def __init__(self, group: Group, window: Window) -> None:
        self.parts, self.plan, self.days, self.apart = group
        self.window = window
        self.systems: list[tuple[str, Sum]] = []
        self._at = 0
        self.made_of: dict[Key, tuple[Key, ...]] = {}
        self.left: dict[tuple[Key, tuple[Key, ...]], float] = {}
        self.rest: dict[str, Sum] = {}
        self.sets: dict[tuple[int, str], Minutes] = {}
        self.powers: dict[str, Sum] = {}
        self.energies: dict[Key, float] = {}
        self.by_day: list[dict[Key, float]] = [{} for _ in self.days]
        self.behind: dict[Stretch, dict[Key, float]] = {}
        self.load_kw: list[tuple[int, array[float]]] = []
        self.notes: list[Note] = []
        self._wanted = _wanted(self.plan)

    def pass_by(self, part: Part, table: ProfileTable, note: Note | None) -> None:
        """Add a part with its minutes, if it is of the group; `note` is about these."""
        if self._at == len(self.parts) or self.parts[self._at] is not part:
            return
        self.notes += [] if note is None else [note]
        if not self.systems or self.systems[-1][0] != part.name:
            self.systems.append((part.name, Sum(self.window)))
        self._add(self._at, part, table, self.systems[-1][1])
        self._at += 1

    def _add(self, index: int, part: Part, table: ProfileTable, system: Sum) -> None:
        """One part; its load is added to that of its system too."""
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
        for balance in self.plan.balances:
            if balance.head.part == index:
                self._together(balance, index, (own, system))
        self.load_kw.append((own.first_ms, own.means()))
        for key, place in self.plan.places[index].items():
            if place.owned:
                self._energy(key, place, part, table)

    def _together(self, balance: Balance, index: int, sums: Iterable[Sum]) -> None:
        """Add what parts that are linked have of a load by balance, all at its head."""
        found = Together(self.parts, self.plan, balance)
        if balance.metered:
            left = (balance.head, tuple(sorted(balance.loads)))
            self.left[left] = self.left.get(left, 0.0) + found.kwh(None)
            return
        head = balance.head
        self.energies[head] = self.energies.get(head, 0.0) + found.kwh(None)
        self.made_of[head] = tuple(sorted({*self.made_of.get(head, ()), *balance.flows}))
        for number, day in enumerate(self.days):
            if cut(balance.during, day.from_ms, day.to_ms):
                own = self.by_day[number]
                own[head] = own.get(head, 0.0) + found.kwh(day)
        load = found.power(self.window)
        more = [self.rest.setdefault(LOAD, Sum(self.window))] if index in self.apart else []
        for one in (self.powers.setdefault(LOAD, Sum(self.window)), *more, *sums):
            one.add(load)

    def _energy(self, key: Key, place: Place, part: Part, table: ProfileTable) -> None:
        wanted = self._wanted.get(key, ())
        if not place.counts and not wanted:
            return
        spread = spread_of(key, place.owned, part, table)
        if place.counts:
            self.energies[key] = spread.during(place.counts)
            for number, day in enumerate(self.days):
                stretches = cut(place.counts, day.from_ms, day.to_ms)
                if stretches:
                    self.by_day[number][key] = spread.during(stretches)
        for stretch in wanted:
            self.behind.setdefault(stretch, {})[key] = spread.during([stretch])

    def gathered(self) -> Gathered:
        """What all of them add up to."""
        return Gathered(
            powers=self.powers,
            rest=self.rest,
            sets=self.sets,
            energies=self.energies,
            by_day=tuple(self.by_day),
            made_of=self.made_of,
            remainders={**_remainders(self.plan, self.behind), **self.left},
            systems=tuple(
                System(name, load.peak_kw(), load.good_ms, load.due_ms)
                for name, load in self.systems
            ),
            load_kw=tuple(self.load_kw),
            notes=tuple(self.notes),
        )


def gather(window: Window, whole: Group, *some: Group) -> list[Gathered]:
    """What each group adds to the event. The parts of `some` are of the `whole`, in its order: the
    minutes of each part are read once, and are in memory alone."""
    walks = [_Walk(group, window) for group in (whole, *some)]
    for part in whole.parts:
        table, note = _table(part)
        for walk in walks:
            walk.pass_by(part, table, note)
    return [walk.gathered() for walk in walks]


def _table(part: Part) -> tuple[ProfileTable, Note | None]:
    """The minutes of a part; none, and why, where they cannot be read."""
    try:
        return part.profile(), None
    except BadPart as why:
        text = f"The minutes of {part.name} cannot be read ({why}): only its energies count."
        return EMPTY, Note(code="no-profile", level="warning", about=part.name, text=text)


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
